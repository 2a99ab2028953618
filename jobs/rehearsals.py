"""Which jobs are rehearsals: their calls follow a script instead of being made (docs/api.md).

A sandbox key's script comes with the job's payload; OFFLINE_SCRIPT is for every job without one.
"""

from typing import Any

from django.conf import settings

from accounts.models import ApiKey
from carousels.providers.offline.scripts import Rehearsal, Script
from jobs.models import GenerationJob, JobStep


def asked_by(auth: Any) -> dict[str, str]:
    """What a request's credentials add to the payload: a sandbox key its script, all others nothing."""
    script = auth.script if isinstance(auth, ApiKey) else ""
    return {"script": script} if script else {}


def script_of(job: GenerationJob) -> str:
    """Empty: this job is meant."""
    return str(job.payload.get("script") or settings.OFFLINE_SCRIPT)


def of_step(step: JobStep) -> Rehearsal | None:
    """How the step's call is to be rehearsed. InvalidScript for a row inserted past the API."""
    text = script_of(step.job)
    if not text:
        return None
    name = f"{step.kind}-{step.slide_number}" if step.slide_number else step.kind
    return Rehearsal(script=Script.parse(text), call=f"{step.job_id}/{name}")
