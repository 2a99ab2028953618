"""Where the CPU of a carousel goes: the time of each stage, without what stages inside it take."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from carousels.design import art, engine, preflight
from carousels.design.press import Press

STAGES = {
    "art": (art, "paint"),
    "open the picture": (engine, "open_picture"),
    "measure": (Press, "measure"),
    "draw words": (Press, "draw"),
    "scrim and contrast": (engine, "_draw"),
    "PNG": (engine, "encode_png"),
    "JPEG, thumbnail": (engine, "encode_jpeg"),
    "PDF": (Press, "print_pdf"),
    "preflight": (preflight, "inspect"),
}


def cpu(work: Callable[[], object]) -> float:
    """Seconds."""
    began = time.process_time()
    work()
    return time.process_time() - began


class Stages:
    """Adds up what every stage takes while `timed` is on."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._inner: list[float] = []

    @contextmanager
    def timed(self) -> Iterator[None]:
        originals = {name: getattr(*place) for name, place in STAGES.items()}
        for name, (owner, attribute) in STAGES.items():
            setattr(owner, attribute, self._watch(name, originals[name]))
        try:
            yield
        finally:
            for name, (owner, attribute) in STAGES.items():
                setattr(owner, attribute, originals[name])

    def as_table(self, *, carousels: int) -> str:
        """Milliseconds a carousel."""
        rows = [f"{name:<20} {1000 * spent / carousels:>6.0f}" for name, spent in self.seconds.items()]
        return "\n".join(["ms a carousel, by stage", *rows])

    def _watch(self, name: str, stage: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(stage)
        def watched(*args: Any, **kwargs: Any) -> Any:
            self._inner.append(0.0)
            began = time.process_time()
            try:
                return stage(*args, **kwargs)
            finally:
                spent = time.process_time() - began
                self.seconds[name] += spent - self._inner.pop()
                if self._inner:
                    self._inner[-1] += spent

        return watched
