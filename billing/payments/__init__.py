"""Credits for money, through Stripe: `checkout` sends a buyer there, `events` hears what became of it.

The webhook alone moves credits. `client` is the only module that knows the SDK, `settlement` the only
one that knows what a fact means in credits (docs/money.md).
"""
