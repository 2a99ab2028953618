"""manage.py doctor: one screen that says which part of this installation is not well, and what to do."""

from django.core.management.base import BaseCommand, CommandError

from socialsaas.health import configuration, processes, stores
from socialsaas.health.examination import Finding, Level, examine


class Command(BaseCommand):
    help = "Ask every part whether it is well, from any machine. Exit 1 if one that jobs need is not."
    requires_system_checks = []  # a wrong setting is a line on the screen, not its end

    def handle(self, **options) -> None:
        findings = examine([*stores.NEEDED, *stores.FURTHER, *processes.checks(), *configuration.CHECKS])
        for finding in findings:
            self._show(finding)
        if bad := [finding.name for finding in findings if finding.is_bad]:
            raise CommandError(f"Not well: {', '.join(bad)}.")
        self.stdout.write("All that jobs need is well.")

    def _show(self, finding: Finding) -> None:
        paint = {Level.WELL: self.style.SUCCESS, Level.UNWELL: self.style.ERROR}.get(
            finding.level, self.style.WARNING
        )
        self.stdout.write(f"{paint(f'{finding.level:<9}')} {finding.name:<21} {finding.says}")
        if finding.level in (Level.UNWELL, Level.WARNING) and finding.remedy:
            self.stdout.write(f"{'':<31} {finding.remedy}")
