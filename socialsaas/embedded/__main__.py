"""`python -m socialsaas.embedded stop`: end this checkout's pair, whoever uses it."""

import sys

from . import CHECKOUT, CannotRun, Pair


def main(arguments: list[str]) -> None:
    if arguments != ["stop"]:
        raise SystemExit("usage: python -m socialsaas.embedded stop")

    try:
        Pair(CHECKOUT / ".data").stop()
    except CannotRun as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main(sys.argv[1:])
