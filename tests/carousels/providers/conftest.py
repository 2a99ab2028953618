"""Tests that cost money are collected only when they are asked for by name, and a key is there."""

import os

LIVE_KEYS = ("LIVE_OPENAI_API_KEY", "LIVE_GOOGLE_AI_API_KEY")


def pytest_ignore_collect(collection_path, config) -> bool | None:
    if collection_path.name != "test_live.py":
        return None
    is_asked_for = config.getoption("markexpr", default="") == "live"
    return None if is_asked_for and any(os.environ.get(name) for name in LIVE_KEYS) else True
