"""manage.py createapikey EMAIL: make an API key and show it, once."""

from django.core.management.base import BaseCommand, CommandError

from accounts import keys
from accounts.models import User


class Command(BaseCommand):
    help = "Make an API key for a user and show it. It cannot be shown again."

    def add_arguments(self, parser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="", help="what the key is for, to tell it apart later")

    def handle(self, *, email: str, name: str, **options) -> None:
        user = User.objects.filter(email=email.lower()).first()
        if user is None:
            raise CommandError(f"There is no user {email}. Make one in the admin, under Users")
        if not user.is_active:
            raise CommandError(f"{email} is not active and may not come in, with or without a key.")
        _, text = keys.create(user=user, name=name)
        self.stdout.write(text)
