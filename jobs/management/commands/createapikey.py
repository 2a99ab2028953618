"""manage.py createapikey EMAIL: make an API key and show it, once.

It stands here and not with the keys because what a sandbox key's script means is known to jobs alone.
"""

from django.core.management.base import BaseCommand, CommandError

from accounts import keys
from accounts.models import User
from carousels.providers.offline.scripts import InvalidScript, Script


class Command(BaseCommand):
    help = "Make an API key for a user and show it. It cannot be shown again."

    def add_arguments(self, parser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="", help="what the key is for, to tell it apart later")
        parser.add_argument(
            "--script",
            default="",
            help="make a sandbox key: its jobs rehearse this, such as 429-then-ok (docs/api.md)",
        )

    def handle(self, *, email: str, name: str, script: str, **options) -> None:
        user = User.objects.filter(email=email.lower()).first()
        if user is None:
            raise CommandError(f"There is no user {email}. Make one in the admin, under Users")
        if not user.is_active:
            raise CommandError(f"{email} is not active and may not come in, with or without a key.")
        if script:
            _check(script)
        _, text = keys.create(user=user, name=name, script=script)
        self.stdout.write(text)


def _check(script: str) -> None:
    try:
        Script.parse(script)
    except InvalidScript as error:
        raise CommandError(f"--script: {error}") from error
