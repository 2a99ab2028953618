"""What a job costs its creator, in credits: one pure function of its type."""

from jobs.states import JobType

CREDITS = {JobType.CAROUSEL: 1, JobType.IMAGE: 1, JobType.STRATEGY: 1, JobType.RENDER: 0}


def credits_for(job_type: str) -> int:
    return CREDITS[JobType(job_type)]


def counts_for_day(job_type: str) -> bool:
    return JobType(job_type) != JobType.RENDER
