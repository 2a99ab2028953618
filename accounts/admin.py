"""Users and API keys for support staff."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts import keys
from accounts.desk import ListPage, ReadOnly, ReadOnlyTable
from accounts.models import ApiKey, User

admin.site.site_header = admin.site.site_title = "socialsaas"
admin.site.index_title = "Support"
admin.site.site_url = None  # there is no site to view
admin.site.enable_nav_sidebar = False  # the lists need its width


class UserCreationForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email",)


class ApiKeyTable(ReadOnlyTable):
    model = ApiKey
    fields = ("key", "name", "script", "created_at", "last_used_at", "revoked_at")
    readonly_fields = fields
    ordering = ("-created_at",)
    verbose_name_plural = "API keys"

    @admin.display(description="key")
    def key(self, key: ApiKey) -> str:
        address = reverse(f"{self.admin_site.name}:accounts_apikey_changelist")
        return format_html('<a href="{}?id={}">{}</a>', address, key.pk, key)


@admin.register(User)
class UserAdmin(ListPage, DjangoUserAdmin):
    add_form = UserCreationForm
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("email", "usable_password", "password1", "password2")}),
    )
    fieldsets = (
        (None, {"fields": ("email", "password", "is_active")}),
        ("Staff", {"fields": ("is_staff", "is_superuser", "groups")}),
        ("Identity", {"fields": ("id", "clerk_id", "created_at", "last_login")}),
    )
    readonly_fields = ("id", "clerk_id", "created_at", "last_login")
    list_display = ("email", "is_active", "is_staff", "created_at", "last_login")
    list_filter = ("is_active", "is_staff", "groups")
    search_fields = ("email__contains", "clerk_id__exact")
    email_field = "email"
    ordering = ("email",)
    filter_horizontal = ("groups",)
    inlines = [ApiKeyTable]

    def get_inlines(self, request: HttpRequest, obj: User | None) -> list:
        return super().get_inlines(request, obj) if obj else []

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        if request.user.is_superuser:
            return self.readonly_fields
        return (*self.readonly_fields, "is_staff", "is_superuser", "groups")

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Staff is changed by superusers alone: whoever sets a colleague's password has his rights."""
        if obj is not None and (obj.is_staff or obj.is_superuser) and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Users are deactivated: their money, and what they did as operators, stays accounted for."""
        return False


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnly, ListPage):
    list_display = ("__str__", "name", "user", "script", "created_at", "last_used_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter), ("script", admin.EmptyFieldListFilter))
    list_select_related = ("user",)
    fields = ("user", "name", "script", "prefix", "created_at", "last_used_at", "revoked_at")
    search_fields = ("prefix__startswith", "name__icontains")
    uuid_fields = ("user",)
    ordering = ("-created_at",)
    actions = ["revoke"]

    @admin.action(description="Revoke", permissions=["operate"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[ApiKey]) -> None:
        with transaction.atomic():
            live = list(chosen.select_for_update(of=("self",)).filter(revoked_at=None))
            for key in live:
                keys.revoke(key=key, now=timezone.now())
                self.log_change(request, key, "Revoked")
        self.message_user(request, f"Revoked: {', '.join(map(str, live)) or 'none, they were already'}.")
