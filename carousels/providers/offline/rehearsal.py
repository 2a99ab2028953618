"""The offline provider playing a service over the network that fails, is slow, or answers nonsense.

What it makes is the offline provider's own; its model's name tells a rehearsal from real pictures.
It raises what the adapters of real services raise, and writes every call into the log.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from carousels.brief import Brief
from carousels.providers.base import Correction, ImageRequest, Picture, ProviderError, Remedy, Strategy, Usage
from carousels.providers.offline import FREE, Offline, OfflineArt, OfflineText
from carousels.providers.offline.scripts import Act, Rehearsal, begin_call, end_call

MODEL = "offline-rehearsal"
USAGE = Usage(Offline.name, MODEL, FREE)
FAILURES = {  # act -> code, what may help, what the call cost all the same
    "429": ("RATE_LIMITED", Remedy.RETRY_LATER, None),
    "500": ("PROVIDER_UNAVAILABLE", Remedy.RETRY_NOW, None),
    "timeout": ("TIMEOUT", Remedy.RETRY_NOW, None),
    "policy": ("CONTENT_REJECTED", Remedy.GIVE_UP, None),
    "bad-json": ("INVALID_ANSWER", Remedy.RETRY_NOW, USAGE),
}

_drawing = threading.Lock()  # an `ai` worker has 64 threads: drawing in all of them took 6.6 GB


class ScriptedText(Offline):
    model = MODEL
    queue = "ai"

    def __init__(self, rehearsal: Rehearsal, *, log: Path) -> None:
        self.rehearsal, self.log = rehearsal, log
        self.timeout = OfflineText.timeout + rehearsal.slowest

    def write_strategy(
        self, brief: Brief, *, end_user: str = "", correction: Correction | None = None
    ) -> tuple[Strategy, Usage]:
        with _call(self.rehearsal, self.log) as act:
            strategy, _ = OfflineText().write_strategy(brief)
            if act.name == "truncated":
                strategy = replace(strategy, slides=strategy.slides[: len(strategy.slides) // 2])
        return strategy, USAGE


class ScriptedArt(Offline):
    model = MODEL
    queue = "ai"

    def __init__(self, rehearsal: Rehearsal, *, log: Path) -> None:
        self.rehearsal, self.log = rehearsal, log
        self.timeout = OfflineArt.timeout + rehearsal.slowest

    def paint(self, request: ImageRequest, *, end_user: str = "") -> tuple[Picture, Usage]:
        with _call(self.rehearsal, self.log) as act:
            with _drawing:
                picture, _ = OfflineArt().paint(request)
            if act.name == "half-image":
                picture = replace(picture, data=picture.data[: len(picture.data) // 2])
        return picture, USAGE


@contextmanager
def _call(rehearsal: Rehearsal, log: Path) -> Iterator[Act]:
    """One call from its line in the log to the other, with the act that is due: failures are raised here."""
    number = begin_call(log, rehearsal.call)
    act, began = rehearsal.act(number), time.monotonic()
    try:
        if act.name in FAILURES:
            raise _failure(act)
        yield act
        if act.name == "slow":
            time.sleep(max(0.0, began + act.seconds - time.monotonic()))  # drawing is part of it
    except BaseException as error:
        outcome = act.name if isinstance(error, ProviderError) else type(error).__name__
        end_call(log, rehearsal.call, number=number, outcome=outcome)
        raise
    end_call(log, rehearsal.call, number=number, outcome="ok" if act.name == "slow" else act.name)


def _failure(act: Act) -> ProviderError:
    code, remedy, usage = FAILURES[act.name]
    message = f"rehearsed: {act.name}"
    return ProviderError(
        code,
        message,
        remedy=remedy,
        retry_after=act.seconds,
        usage=usage,
        is_cut_off=act.name == "timeout",
    )
