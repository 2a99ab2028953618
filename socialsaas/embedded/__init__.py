"""The embedded default: PostgreSQL and Valkey of this checkout, unless DATABASE_URL and REDIS_URL are set.

`export_urls` is called before settings are read, by everything that starts the project. The pair itself is in
`pair.py`; this file only decides whether it is needed. Nothing here may read Django's settings.
"""

import os
from pathlib import Path

import environ

from .binaries import CannotRun
from .pair import Pair

__all__ = ["CHECKOUT", "Pair", "export_urls"]

CHECKOUT = Path(__file__).resolve().parents[2]
URLS = ("DATABASE_URL", "REDIS_URL")


def export_urls(*, may_start: bool = True) -> None:
    """Make sure DATABASE_URL, REDIS_URL and SECRET_KEY are in the environment, or exit and say why not.

    Both URLs set, in the environment or in the checkout's `.env`: they are used and nothing is started.
    Neither set: the checkout's pair is joined and held until this process ends; `may_start`: started, too.
    """
    if (CHECKOUT / ".env").exists():
        environ.Env.read_env(CHECKOUT / ".env")

    missing = [name for name in URLS if not os.environ.get(name)]
    if not missing:
        return
    if len(missing) == 1:
        given = next(name for name in URLS if name not in missing)
        raise SystemExit(
            f"{given} is set but {missing[0]} is not. Set both, or neither to use the embedded servers."
        )

    try:
        pair = Pair(CHECKOUT / ".data")
        environment = pair.join() if may_start else pair.join_running()
    except CannotRun as error:
        raise SystemExit(str(error)) from error

    os.environ.update({name: environment[name] for name in URLS})
    os.environ.setdefault("SECRET_KEY", environment["SECRET_KEY"])
