"""python -m bench.billing [--json PATH] [--rounds N] [--seconds S] [--accounts N] ...: small or full."""

import argparse
from pathlib import Path

from bench import billing


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.billing")
    parser.add_argument("--json", type=Path, help="write everything measured to this file, too")
    parser.add_argument("--rounds", type=int, default=billing.ROUNDS)
    parser.add_argument(
        "--seconds", type=float, default=billing.SECONDS, help="of each measurement in a round"
    )
    parser.add_argument("--accounts", type=int, default=billing.ACCOUNTS, help="to reset")
    parser.add_argument("--few", type=int, default=billing.FEW, help="rows")
    parser.add_argument("--many", type=int, default=billing.MANY, help="rows")
    return parser.parse_args()


if __name__ == "__main__":
    billing.measure(**vars(read_arguments()))
