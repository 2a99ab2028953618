"""A broker that has just failed is left alone for a moment by the whole process."""

import time


class Outage:
    """For a moment after a message was refused this process sends none: ten would wait ten time-outs."""

    MOMENT = 2.0  # seconds; the sweep is not much later

    def __init__(self) -> None:
        self._until = 0.0

    def is_on(self) -> bool:
        return time.monotonic() < self._until

    def begin(self) -> None:
        self._until = time.monotonic() + self.MOMENT

    def end(self) -> None:
        self._until = 0.0


outage = Outage()
