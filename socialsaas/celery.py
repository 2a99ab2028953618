"""The Celery application and THE beat table: everything that happens by the clock, with its reason."""

import os

from celery import Celery
from celery.schedules import crontab
from celery.signals import task_prerun
from django.db import close_old_connections

from socialsaas import broker, embedded

embedded.export_urls()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "socialsaas.settings")
broker.register()

app = Celery("socialsaas")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@task_prerun.connect
def forget_broken_connections(**_) -> None:
    """A connection that is kept for the next task may have died meanwhile; Celery does not ask."""
    close_old_connections()


app.conf.beat_schedule = {
    # Drives on what a dead worker or a lost message left lying; five seconds is the pick-up target.
    "sweep": {"task": "jobs.sweep", "schedule": 5.0, "options": {"queue": "control", "expires": 10}},
    # What may go over a million accounts is done by one of the many threads of `webhooks`: `control` has
    # one alone, the sweep's.
    # Hourly, because midnight passes in some time zone every hour. Late is harmless: stale reads as zero.
    "reset-daily-limits": {
        "task": "billing.reset_daily_limits",
        "schedule": crontab(minute=0),
        "options": {"queue": "webhooks", "expires": 600},
    },
    # Hourly, so that a beat that was away makes up for it. Whoever has the month's grant is not touched.
    "give-monthly-grants": {
        "task": "billing.give_monthly_grants",
        "schedule": crontab(minute=10),
        "options": {"queue": "webhooks", "expires": 600},
    },
    # Hourly: a plan that nobody paid on ends a few days later. Its credits come with payments alone.
    "end-unpaid-plans": {
        "task": "billing.end_unpaid_plans",
        "schedule": crontab(minute=40),
        "options": {"queue": "webhooks", "expires": 600},
    },
    # A key is promised for a day; the table would grow by every request for ever.
    "forget-idempotency-keys": {
        "task": "jobs.forget_idempotency_keys",
        "schedule": crontab(minute=20),
        "options": {"queue": "control", "expires": 600},
    },
    # Nightly: a fault that is a day old can still be traced. By hand: manage.py audit_ledger.
    "audit-ledger": {
        "task": "jobs.audit_ledger",
        "schedule": crontab(hour=3, minute=30),
        "options": {"queue": "webhooks", "expires": 3600},
    },
}
