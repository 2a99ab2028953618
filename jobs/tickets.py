"""A ticket lets its holder follow one job for a while: a browser's EventSource cannot send a header."""

import uuid

from django.conf import settings
from django.core import signing

SALT = "jobs.tickets"


class InvalidTicket(Exception):
    """A ticket that is not ours, has expired, or is another job's."""


def issue(job_id: uuid.UUID) -> str:
    """Good for TICKET_SECONDS, for this job's events and nothing else."""
    return signing.TimestampSigner(salt=SALT).sign(str(job_id)).removeprefix(f"{job_id}:")


def check(*, ticket: str, job_id: str) -> None:
    signer = signing.TimestampSigner(salt=SALT)
    try:
        signed = signer.unsign(f"{job_id}:{ticket}", max_age=settings.TICKET_SECONDS)
    except signing.BadSignature as error:
        raise InvalidTicket(str(error)) from error
    # A piece of the signature moved to the end of the id reads the same, but is another id.
    if signed != job_id:
        raise InvalidTicket(job_id)
