"""What is for sale, and what Stripe told of it, for support staff: packs are edited, the rest is shown."""

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from accounts.desk import ListPage, ReadOnly, ReadOnlyTable
from billing.models import CreditPack, MoneyBack, Payment, StripeEvent


class PackForm(forms.ModelForm):
    def clean_currency(self) -> str:
        """In capitals, as Stripe's own pages write it, it means the same."""
        return self.cleaned_data["currency"].lower()


@admin.register(CreditPack)
class CreditPackAdmin(admin.ModelAdmin):
    """Never removed: a payment may still be told of. What a price buys stays what it was sold as."""

    form = PackForm
    list_display = ("name", "credits", "amount", "currency", "price_id", "is_active")
    list_filter = ("is_active",)
    ordering = ("credits", "pk")

    def get_readonly_fields(self, request: HttpRequest, obj: CreditPack | None = None) -> tuple[str, ...]:
        return ("credits", "price_id") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: CreditPack | None = None) -> bool:
        return False


class MoneyBackTable(ReadOnlyTable):
    model = MoneyBack
    fields = readonly_fields = ("source", "amount", "currency", "is_returned")


@admin.register(Payment)
class PaymentAdmin(ReadOnly, ListPage):
    list_display = ("created_at", "owner", "credits", "amount", "currency", "reclaimed", "payment_id")
    list_filter = ("created_at",)
    list_select_related = ("account__user",)
    fields = ("payment_id", "account", "owner", "credits", "amount", "currency", "reclaimed", "created_at")
    readonly_fields = ("owner",)
    search_fields = ("payment_id",)
    uuid_fields = ("account",)
    email_field = "account__user__email"
    ordering = ("-created_at",)
    inlines = [MoneyBackTable]

    @admin.display(description="owner", ordering="account__user__email")
    def owner(self, payment: Payment) -> str:
        return payment.account.user.email


@admin.register(StripeEvent)
class StripeEventAdmin(ReadOnly, ListPage):
    list_display = ("received_at", "kind", "outcome", "object_id", "event_id", "happened_at")
    list_filter = ("outcome", "kind")
    fields = list_display
    search_fields = ("event_id", "object_id")
    uuid_fields = ()
    email_field = "object_id"
    ordering = ("-received_at",)
