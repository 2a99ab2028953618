"""What must hold, and whether it does: one line each."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Claim:
    """One thing that must hold: `found` at most (or, `is_floor`, at least) `limit`."""

    what: str
    found: float
    limit: float
    is_floor: bool = False

    @property
    def holds(self) -> bool:
        return self.found >= self.limit if self.is_floor else self.found <= self.limit

    def __str__(self) -> str:
        verdict = "holds" if self.holds else "DOES NOT HOLD"
        sign = ">=" if self.is_floor else "<="
        return f"{verdict:<14} {self.what}: {self.found:.2f} ({sign} {self.limit:g})"
