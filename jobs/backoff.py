"""How long a failed step waits: 1, 2, 4, 8 s, or as long as the provider asked, and a little more. Pure."""

from datetime import timedelta

JITTER = 0.2  # of the pause: what failed at the same moment must not come back at the same moment
# What is longer is the sweep's alone: a countdown lies in a worker's memory and dies with it.
MESSAGE_MOST = timedelta(seconds=8 * (1 + JITTER))


def wait_after(*, attempt: int, retry_after: float | None, dice: float) -> timedelta:
    """The pause after attempt 1, 2, 3, ... failed; a provider's Retry-After (seconds) is obeyed.

    `dice` in 0..1 says how much of the jitter is added; nothing is ever tried earlier for it.
    """
    pause = max(2 ** (attempt - 1), retry_after or 0)
    return timedelta(seconds=pause * (1 + JITTER * dice))
