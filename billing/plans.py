"""The standard plans, and how they come into the table `billing/admin.py` lets operators change.

Missing ones are inserted after every `migrate`: rows made by a migration alone would be gone with the
first flush of a test. A row that is there is left as it is.
"""

from typing import Any

from django.apps import apps as installed
from django.conf import settings

FREE = "free"  # the plan of a new account

STANDARD = (
    {"name": FREE, "monthly_grant": 0, "daily_limit": 5, "running_jobs": None},
    {"name": "pro", "monthly_grant": 100, "daily_limit": 25, "running_jobs": 5},
    {"name": "premium", "monthly_grant": 500, "daily_limit": None, "running_jobs": 10},
)


def sync(*, apps: Any = installed, **_: Any) -> None:
    """Django's `post_migrate`. Safe to repeat, and by several at once.

    `apps` is what the tables look like: after a `migrate` backwards there may be no plans.
    """
    try:
        plan = apps.get_model("billing", "Plan")
    except LookupError:
        return
    plan.objects.bulk_create([plan(**columns) for columns in STANDARD], ignore_conflicts=True)


def jobs_at_once(running_jobs: int | None) -> int:
    """How many jobs of a user run at once: as the plan says, else as the installation does."""
    return settings.RUNNING_JOBS_PER_USER if running_jobs is None else running_jobs
