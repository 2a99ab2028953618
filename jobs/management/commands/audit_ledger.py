"""manage.py audit_ledger: prove that every credit is where it should be, while the system runs."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from jobs import audit


class Command(BaseCommand):
    help = (
        "Prove the ledger: balances, running balances, refunds and what each run cost. Exit 1 if any is off."
    )

    def handle(self, **options) -> None:
        verdict, faults = audit.prove(now=timezone.now())
        for fault in faults:
            self.stdout.write(fault)
        if faults:
            raise CommandError(f"The ledger is not right: {verdict.faults} faults ({verdict.counts}).")
        self.stdout.write(f"The ledger is right: {verdict.counts}.")
