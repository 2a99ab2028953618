"""Creators who keep handing in jobs while everything breaks, and write down what was accepted."""

import itertools
import random
import threading
from collections.abc import Sequence
from http.client import HTTPException

from tests.faults.world import BRIEF, World


class Load:
    """Use it as a context: it hands in jobs until the block ends. `refused` counts submits without a 200."""

    def __init__(self, world: World, *, keys: Sequence[str], pause: float, chance: random.Random) -> None:
        self.accepted: list[str] = []
        self.refused = 0
        self._world, self._keys, self._pause, self._chance = world, itertools.cycle(keys), pause, chance
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="load", daemon=True)

    def __enter__(self) -> "Load":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._is_over.wait(self._pause * self._chance.uniform(0.5, 1.5)):
            what = self._chance.choice(("generate", "generate", "strategy"))
            self._submit(what, next(self._keys), BRIEF | {"imageCount": self._chance.choice((2, 2, 3))})

    def _submit(self, what: str, key: str, brief: dict) -> None:
        try:
            code, answer = self._world.installation.call(f"/api/carousel/{what}", key, brief)
        except (
            OSError,
            HTTPException,
            ValueError,
        ):  # the web process is away, or went away while it answered
            code = None
        if code == 200:
            self.accepted.append(answer["data"]["jobId"])
        else:
            self.refused += 1
