"""How long a failed step waits: 1, 2, 4, 8 s, or as long as the provider asked. Pure."""

from datetime import timedelta

MESSAGE_MOST = timedelta(seconds=8)  # a longer wait is the sweep's alone: brokers repeat long countdowns


def wait_after(*, attempt: int, retry_after: float | None) -> timedelta:
    """The pause after attempt 1, 2, 3, ... failed; a provider's Retry-After (seconds) is obeyed."""
    own = timedelta(seconds=2 ** (attempt - 1))
    return max(own, timedelta(seconds=retry_after or 0))
