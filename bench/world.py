"""An installation of its own for a bench: servers, files and settings in a folder that is gone afterwards."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.core.management import call_command

from socialsaas.embedded.pair import Pair


@contextmanager
def open_world(*, durable: bool = False, **environment: str) -> Iterator[Path]:
    """Sets this process up as one of the product, like `manage.py`; what it starts inherits everything.

    `durable`: PostgreSQL waits for the disk, as in production. `environment`: what is to be otherwise.
    Yields the folder; the servers' is `pair` in it.
    """
    folder = Path(tempfile.mkdtemp(prefix="socialsaas-bench-"))
    pair = Pair(folder / "pair", throwaway=not durable)
    os.environ |= pair.join() | {
        "DJANGO_SETTINGS_MODULE": "socialsaas.settings",
        "DATA_DIR": str(folder),
        "MEDIA_ROOT": str(folder / "media"),
        "CALL_LOG": str(folder / "calls"),
        **environment,
    }
    try:
        django.setup()
        call_command("migrate", verbosity=0)
        yield folder
    finally:
        pair.stop()
        shutil.rmtree(folder, ignore_errors=True)
