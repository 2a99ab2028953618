"""How the parts of an installation are asked whether they are well: side by side, each for its time.

What is asked stands in `stores.py`, `processes.py` and `configuration.py`; who asks, in `views.py` and in
the command `doctor`. Nothing here knows any part.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db import connection

TIMEOUT = 2.0  # seconds a part has for its answer

logger = logging.getLogger(__name__)


class Level(StrEnum):
    WELL = "well"
    WARNING = "warning"  # jobs do not need it
    UNWELL = "NOT WELL"
    UNKNOWN = "not asked"  # what it stands on is not well


class Unwell(Exception):
    """Said by a part that answers, but is not well; `remedy` instead of the check's own."""

    level = Level.UNWELL

    def __init__(self, says: str, remedy: str = "") -> None:
        super().__init__(says)
        self.remedy = remedy


class Doubtful(Unwell):
    """Not as it should be, but jobs do not need it."""

    level = Level.WARNING


@dataclass(frozen=True)
class Check:
    """`ask` says how the part is, or raises. It is not asked while one of `needs` is not well."""

    name: str
    ask: Callable[[], str]
    remedy: str
    needs: tuple[str, ...] = ()
    seconds: float = TIMEOUT


@dataclass(frozen=True)
class Finding:
    name: str
    level: Level
    says: str
    remedy: str = ""

    @property
    def is_bad(self) -> bool:
        return self.level == Level.UNWELL


def examine(checks: Sequence[Check]) -> list[Finding]:
    """One finding for each check, in their order. A check comes after those that it needs."""
    found: dict[str, Finding] = {}
    while left := [check for check in checks if check.name not in found]:
        turn = [check for check in left if all(need in found for need in check.needs)]
        found |= _ask_side_by_side(turn, found)
    return [found[check.name] for check in checks]


def _ask_side_by_side(checks: Sequence[Check], found: dict[str, Finding]) -> dict[str, Finding]:
    ill = {name for name, finding in found.items() if finding.level in (Level.UNWELL, Level.UNKNOWN)}
    began = time.monotonic()
    asked = {check: _Asking.begin(check) for check in checks if not ill.intersection(check.needs)}
    return {
        check.name: asked[check].answer(by=began + check.seconds)
        if check in asked
        else Finding(check.name, Level.UNKNOWN, f"{', '.join(sorted(ill.intersection(check.needs)))} first")
        for check in checks
    }


class _Asking(threading.Thread):
    """One part being asked. A part that hangs is not asked again before it has answered."""

    _under_way: dict[str, "_Asking"] = {}

    def __init__(self, check: Check) -> None:
        super().__init__(name=f"health-{check.name}", daemon=True)
        self.check = check
        self.finding: Finding | None = None

    @classmethod
    def begin(cls, check: Check) -> "_Asking":
        asking = cls._under_way.get(check.name)
        if asking is None or not asking.is_alive():
            asking = cls._under_way[check.name] = cls(check)
            asking.start()
        return asking

    def answer(self, *, by: float) -> Finding:
        self.join(max(0, by - time.monotonic()))
        says = f"does not answer within {self.check.seconds:g} s"
        return self.finding or Finding(self.check.name, Level.UNWELL, says, self.check.remedy)

    def run(self) -> None:
        name, remedy = self.check.name, self.check.remedy
        try:
            self.finding = Finding(name, Level.WELL, self.check.ask())
        except Unwell as unwell:
            self.finding = Finding(name, unwell.level, str(unwell), unwell.remedy or remedy)
        except Exception as error:  # whatever a driver or a storage raises: that is what is asked for here
            logger.debug("%s is not well", name, exc_info=error)
            said = str(error).strip().splitlines() or [type(error).__name__]
            self.finding = Finding(name, Level.UNWELL, said[0], remedy)
        finally:
            connection.close()
