"""What a user may spend, on which terms, and where it came from. Sales stand in `payments`."""

from billing.models.accounts import SIGNUP_CREDITS, Account, EntryKind, LedgerAudit, LedgerEntry, Plan
from billing.models.payments import (
    CreditPack,
    Customer,
    MoneyBack,
    Outcome,
    Payment,
    StripeEvent,
    Subscription,
)

__all__ = [
    "SIGNUP_CREDITS",
    "Account",
    "CreditPack",
    "Customer",
    "EntryKind",
    "LedgerAudit",
    "LedgerEntry",
    "MoneyBack",
    "Outcome",
    "Payment",
    "Plan",
    "StripeEvent",
    "Subscription",
]
