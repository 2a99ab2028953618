"""Ends what a killed supervisor leaves behind: a program of its own, with the standard library alone.

It is told process groups on stdin, `+PID` when one starts and `-PID` when one is gone. The input ends with
the supervisor, however that ends; groups that are still on the list then are asked to stop, then killed.
A signal at the parent's death is not enough: programs that are still starting swallow it.
"""

import contextlib
import os
import signal
import sys
import time

PATIENCE = 5  # seconds


def watch(lines) -> set[int]:
    """The process groups that nobody has taken off the list when the input ends."""
    groups = set()
    for line in lines:
        pid = int(line[1:])
        groups = groups | {pid} if line[0] == "+" else groups - {pid}
    return groups


def end(groups: set[int]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        for group in groups:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, number)
        if number == signal.SIGTERM:
            time.sleep(PATIENCE)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if left := watch(sys.stdin):
        end(left)
