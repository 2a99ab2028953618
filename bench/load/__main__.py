"""python -m bench.load: the origin's targets with 100 users at once; exits 1 when one is missed.

Everything is real and runs here (this program too, on the same processors), but for the AI service: a
script plays it, and its pictures are drawn on this machine besides.
"""

import argparse
import os
import sys
import threading
import time

from bench.load.verdict import judge
from bench.load.visit import Visit, Visitor
from bench.world import open_world
from socialsaas.processes import Fleet, free_port, list_programs

NEEDED = ("web", "ai", "render", "control", "beat")
TOPICS = ("pricing mistakes", "habits of calm teams", "ways to learn a language", "gardening tips")


def main() -> int:
    options = _parse()
    with open_world() as folder:
        keys = _open_accounts(options.users + 1, script=options.script)
        port = free_port()
        programs = [program for program in list_programs(port=port) if program.name in NEEDED]
        with Fleet(programs, folder=folder / "logs") as fleet:
            fleet.wait_until_ready()
            _visit(keys[:1], port=port, slides=options.slides, within=0)  # the first one loads the libraries
            print(_describe(options))
            began = time.monotonic()
            visits = _visit(keys[1:], port=port, slides=options.slides, within=options.within)
            print(f"all of it: {time.monotonic() - began:.1f} s")
            fleet.check()
    return 0 if judge(visits) else 1


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("--users", type=int, default=100)
    parser.add_argument("--within", type=float, default=0, help="seconds in which they come, one by one")
    parser.add_argument("--slides", type=int, default=2)
    parser.add_argument("--script", default="image:slow=2s", help="how the AI service behaves (docs/api.md)")
    return parser.parse_args()


def _describe(options: argparse.Namespace) -> str:
    when = f"within {options.within:g} s" if options.within else "at once"
    return (
        f"{options.users} users {when} on {os.cpu_count()} processors, after one to warm up;\n"
        f"one carousel each: {options.slides} slides in 1:1, the AI service as `{options.script}`"
    )


def _open_accounts(count: int, *, script: str) -> list[str]:
    """Sandbox keys of as many new users."""
    from accounts import keys  # after Django is set up
    from accounts.models import User

    users = [User.objects.create_user(f"visitor-{number}@example.com") for number in range(count)]
    return [keys.create(user=user, script=script)[1] for user in users]


def _visit(keys: list[str], *, port: int, slides: int, within: float) -> list[Visit]:
    """Send a user for each key, none before all are ready, and wait for the last to leave."""
    visitors = [Visitor(port=port, key=key) for key in keys]
    gate = threading.Barrier(len(visitors))

    def visit(number: int) -> None:
        gate.wait()
        time.sleep(within * number / len(visitors))
        visitors[number].make_carousel(_brief(number, slides))

    threads = [threading.Thread(target=visit, args=(number,)) for number in range(len(visitors))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [visitor.visit for visitor in visitors]


def _brief(number: int, slides: int) -> dict:
    """Each user's own: no two carousels share a picture."""
    topic = TOPICS[number % len(TOPICS)]
    return {"prompt": f"{number + 2} {topic}", "imageCount": slides, "aspectRatio": "1:1"}


if __name__ == "__main__":
    sys.exit(main())
