"""What a job that joins the queue has to know of its user, asked at once."""

from typing import NamedTuple

from django.db import connection

from billing.plans import FREE, jobs_at_once
from jobs.states import ACTIVE

USUAL_PRIORITY = 1
# Plain SQL, because every submit comes by here (docs/adr/0012). Who has no account yet will begin on `free`.
STANDING = """
SELECT plan.running_jobs, plan.has_watermark,
    (SELECT count(*) FROM generation_jobs
        WHERE user_id = %(user)s AND status = ANY(%(active)s) AND priority >= %(priority)s),
    EXISTS (SELECT FROM brand_kits WHERE user_id = %(user)s AND is_default)
FROM billing_plans plan
WHERE plan.name = COALESCE((SELECT plan FROM billing_accounts WHERE user_id = %(user)s), %(free)s)
"""


class Standing(NamedTuple):
    """`running_jobs`: as many as the plan lets run at once, None where it leaves that to the installation.

    `jobs_before`: those of the user that have not ended and are at least of this `priority`.
    """

    priority: int
    running_jobs: int | None
    has_watermark: bool
    jobs_before: int
    has_default_brand: bool

    @property
    def rounds_before(self) -> int:
        """How often as many jobs as may run at once come before the next one."""
        return self.jobs_before // jobs_at_once(self.running_jobs)


def standing_of(*, user_id, priority: int = USUAL_PRIORITY) -> Standing:
    asked = {"user": user_id, "priority": priority, "free": FREE, "active": list(ACTIVE)}
    with connection.cursor() as cursor:
        cursor.execute(STANDING, asked)
        return Standing(priority, *cursor.fetchone())
