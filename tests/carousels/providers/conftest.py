"""Tests that cost money are part of a run only when they are asked for by name, and a key is there."""

import os

LIVE_KEYS = ("LIVE_OPENAI_API_KEY", "LIVE_GOOGLE_AI_API_KEY")


def pytest_collection_modifyitems(config, items) -> None:
    if config.getoption("markexpr", default="") == "live" and any(map(os.environ.get, LIVE_KEYS)):
        return
    live = [item for item in items if item.get_closest_marker("live")]
    items[:] = [item for item in items if item not in live]
    config.hook.pytest_deselected(items=live)
