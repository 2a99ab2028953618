"""How a job and its steps live: the states, what they mean, and which may follow which.

Nothing here touches a row; `jobs/transitions.py` does, and only along these arrows.
"""

from django.db.models import TextChoices

SYSTEM = "system"  # who moved a row when nobody asked for it


class JobStatus(TextChoices):
    QUEUED = "queued"  # accepted and charged, waiting for its time and a worker
    PROCESSING = "processing"  # its steps exist and are being worked off
    COMPLETED = "completed"  # the carousel is there
    FAILED = "failed"  # a step gave up; what the run charged was paid back
    CANCELLED = "cancelled"  # stopped by its owner or an operator; paid back


ACTIVE = frozenset({JobStatus.QUEUED, JobStatus.PROCESSING})
TERMINAL = frozenset({JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED})

TRANSITIONS = {
    JobStatus.QUEUED: {JobStatus.PROCESSING, JobStatus.FAILED, JobStatus.CANCELLED},
    JobStatus.PROCESSING: {JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED},
    JobStatus.COMPLETED: set(),
    JobStatus.FAILED: {JobStatus.QUEUED},  # requeue: a new run
    JobStatus.CANCELLED: {JobStatus.QUEUED},  # requeue: a new run
}


class JobType(TextChoices):
    CAROUSEL = "carousel_generation"
    IMAGE = "image_generation"
    STRATEGY = "content_strategy"
    RENDER = "render"


class StepKind(TextChoices):
    STRATEGY = "strategy"  # the words
    SLIDE = "slide"  # one picture
    FINALIZE = "finalize"  # words on pictures, PDF, preflight


class Queue(TextChoices):
    AI = "ai"  # calls over the network: many threads
    RENDER = "render"  # what this machine's processors draw: a process per core


class StepStatus(TextChoices):
    WAITING = "waiting"  # something before it is not done
    QUEUED = "queued"  # may be claimed, from `not_before` on
    RUNNING = "running"  # claimed: one owner, until its lease ends
    DONE = "done"  # its result is in the rows
    FAILED = "failed"  # gave up, and the job with it
    CANCELLED = "cancelled"  # its job ended first


UNSETTLED = frozenset({StepStatus.WAITING, StepStatus.QUEUED, StepStatus.RUNNING})

STEP_TRANSITIONS = {
    StepStatus.WAITING: {StepStatus.QUEUED, StepStatus.CANCELLED},
    StepStatus.QUEUED: {StepStatus.RUNNING, StepStatus.CANCELLED},
    StepStatus.RUNNING: {StepStatus.DONE, StepStatus.QUEUED, StepStatus.FAILED, StepStatus.CANCELLED},
    StepStatus.DONE: set(),
    StepStatus.FAILED: set(),
    StepStatus.CANCELLED: set(),
}


class CallPurpose(TextChoices):
    MODERATION = "moderation"  # is this allowed to be made at all
    WORDS = "words"
    PICTURE = "picture"


class CallOutcome(TextChoices):
    OPEN = "open"  # reserved, and perhaps under way
    OK = "ok"  # gave what was asked for
    FAILED = "failed"  # came back with nothing
    UNKNOWN = "unknown"  # nobody saw it end: it may have been paid for
