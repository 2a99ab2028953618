"""What the creator reads while waiting: a function of the job's state and its settled steps only.

So a redelivered or repeated step can never move it back, and every reader computes the same.
"""

from collections import Counter
from typing import NamedTuple

from carousels.models import QUEUED_MESSAGE
from jobs.states import StepKind


class Progress(NamedTuple):
    percent: int
    message: str

    def as_data(self) -> dict[str, int | str]:
        """How an event and an answer carry it."""
        return self._asdict()


QUEUED = Progress(0, QUEUED_MESSAGE)
STARTING = Progress(0, "Starting generation...")
STRATEGY = Progress(20, "Creating content strategy...")
FINALIZING = Progress(90, "Finalizing carousel...")
READY = Progress(100, "Carousel ready!")


def of_slides(*, settled: int, total: int) -> Progress:
    """20 + 60k/n, rounded half up, when k of n pictures are there."""
    percent = 20 + (120 * settled + total) // (2 * total)
    return Progress(percent, f"Generating slide {settled}/{total}...")


def of_run(*, left: Counter[str], total: int) -> Progress:
    """The progress of a started run; `left` counts its unsettled steps by kind."""
    if not left:
        return READY
    if left[StepKind.STRATEGY]:
        return STARTING
    settled = total - left[StepKind.SLIDE]
    return of_slides(settled=settled, total=total) if settled else STRATEGY
