"""Hands over what was committed, from a thread of its own: no request waits for whoever takes it.

The first thing goes at once; what comes within PAUSE after it goes together (docs/adr/0018).
"""

import logging
import threading
import time
from collections.abc import Callable
from multiprocessing.util import Finalize
from typing import Any

PAUSE = 0.05  # seconds after each delivery
LAST_MOMENT = 2.0  # seconds that a process which ends waits for what is still to go

logger = logging.getLogger(__name__)


class Courier:
    """`deliver` gets what has come in the meantime, in its order. What it raises is logged, and lost.

    Not to be used before a fork: a child would not have the thread.
    """

    def __init__(self, deliver: Callable[[list[Any]], None]) -> None:
        self._deliver = deliver
        self._waiting: list[Any] = []
        self._is_under_way = False
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def take(self, thing: Any) -> None:
        with self._changed:
            self._waiting.append(thing)
            self._start_thread()
            self._changed.notify_all()

    def flush(self, timeout: float = LAST_MOMENT) -> bool:
        """Wait until everything is handed over; False when it was not within `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(self._is_idle, timeout)

    def _is_idle(self) -> bool:
        return not self._waiting and not self._is_under_way

    def _start_thread(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="courier", daemon=True)
            self._thread.start()
            # Granian's workers are children of multiprocessing, which runs this at their end, but no atexit.
            Finalize(None, self.flush, exitpriority=1)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
                things, self._waiting = self._waiting, []
                self._is_under_way = True
            try:
                self._deliver(things)
            except Exception:
                logger.exception("not handed over: %s", things)
            with self._changed:
                self._is_under_way = False
                self._changed.notify_all()
            time.sleep(PAUSE)
