"""python -m bench.pipeline [--json PATH] [--rounds N] [--jobs N] ...: the run alone, small or full."""

import argparse
from pathlib import Path

from bench import pipeline


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.pipeline")
    parser.add_argument("--json", type=Path, help="write everything measured to this file, too")
    parser.add_argument("--rounds", type=int, default=pipeline.ROUNDS)
    parser.add_argument("--jobs", type=int, default=pipeline.JOBS, help="a batch")
    parser.add_argument("--singles", type=int, default=pipeline.SINGLES, help="single jobs on an idle system")
    parser.add_argument("--calls", type=int, default=pipeline.CALLS, help="of 2 s, by a thousand threads")
    return parser.parse_args()


if __name__ == "__main__":
    given = read_arguments()
    pipeline.measure(
        rounds=given.rounds, jobs=given.jobs, singles=given.singles, calls=given.calls, json=given.json
    )
