"""What holds for every process: clients of its own, nothing heavy in the web process, nothing in the logs."""

import logging
import multiprocessing
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings

from carousels.providers import clients
from tests.carousels.providers import vendors, wire
from tests.carousels.providers.fake_vendor import Reply
from tests.carousels.providers.vendors import BRIEF, REQUEST

ROOT = Path(__file__).parents[3]
CHILDREN, THREADS, CALLS = 4, 8, 200  # calls of each child: 800 in all
HEAVY = ("openai", "google.genai", "genai_prices", "httpx2", "pydantic", "numpy", "PIL", "typst")
WEB = """
import sys
import django
django.setup()
import socialsaas.wsgi, socialsaas.urls
from carousels.providers import chosen
names = [provider.name for provider in (*chosen.texts(), *chosen.images(), chosen.moderator())]
print(*names, *(name for name in {heavy} if name in sys.modules))
"""


def test_web_process_names_providers_and_imports_no_sdk():
    told = {"OPENAI_API_KEY": "sk-secret", "GOOGLE_AI_API_KEY": "AIza-secret", "PROCESS_ROLE": "web"}
    urls = {"DATABASE_URL": "postgres://nowhere/db", "REDIS_URL": "redis://nowhere", "SECRET_KEY": "x"}
    printed = subprocess.run(
        [sys.executable, "-c", WEB.format(heavy=HEAVY)],
        cwd=ROOT,
        env=os.environ | told | urls | {"DJANGO_SETTINGS_MODULE": "socialsaas.settings"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert printed == ["openai", "gemini", "openai", "gemini", "openai"]


def test_threads_share_one_client(vendor):
    providers = vendors.texts(vendor.url)
    providers["openai"].write_strategy(BRIEF)
    made = dict(clients._clients)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda _: providers["openai"].write_strategy(BRIEF), range(50)))

    assert clients._clients == made
    assert vendor.count() == 51


def ask_often(url: str, name: str, number: int, results) -> None:
    """In a child: every answer must be the one to its own question."""
    provider, failures = vendors.texts(url)[name], []

    def ask(call: int) -> None:
        brief = vendors.brief(prompt=f"child {number} call {call}", slides=2 + call % 9)
        try:
            strategy, _ = provider.write_strategy(brief)
            if len(strategy.slides) != brief.image_count:
                failures.append(f"{brief.prompt}: an answer of somebody else")
        except Exception as error:  # noqa: BLE001 - a child tells whatever went wrong
            failures.append(repr(error))

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(ask, range(CALLS)))
    results.put((failures, [key[0] for key in clients._clients if key[0] == os.getpid()]))


@pytest.mark.parametrize("name", ["openai", "gemini"])
@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_clients_survive_a_fork(vendor, name):
    """Celery's prefork pool: the parent has a client with open connections, then the children call."""
    provider = vendors.texts(vendor.url)[name]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: provider.write_strategy(BRIEF), range(8)))
    before = vendor.count()
    context = multiprocessing.get_context("fork")
    results = context.SimpleQueue()

    children = [
        context.Process(target=ask_often, args=(vendor.url, name, number, results))
        for number in range(CHILDREN)
    ]
    for child in children:
        child.start()
    told = [results.get() for _ in children]
    for child in children:
        child.join()

    assert [failures for failures, _ in told] == [[]] * CHILDREN
    assert [len(own) for _, own in told] == [1] * CHILDREN
    assert vendor.count() - before == CHILDREN * CALLS


def test_logs_hold_neither_key_nor_body_even_at_debug(vendor, caplog):
    """As LOGGING sets it up, with the root at DEBUG."""
    for name, told in settings.LOGGING["loggers"].items():
        logging.getLogger(name).setLevel(told["level"])
    with caplog.at_level(logging.DEBUG):
        for provider in (*vendors.texts(vendor.url).values(), *vendors.images(vendor.url).values()):
            vendor.script(Reply(401, wire.openai_error("invalid_api_key")))
            _ask_twice(provider)

    assert [leak for leak in (*wire.LEAKS, BRIEF.prompt, REQUEST.prompt) if leak in caplog.text] == []


def _ask_twice(provider) -> None:
    ask = provider.paint if hasattr(provider, "paint") else provider.write_strategy
    with pytest.raises(Exception, match="PROVIDER_REFUSED"):
        ask(REQUEST if hasattr(provider, "paint") else BRIEF)
    ask(REQUEST if hasattr(provider, "paint") else BRIEF)


def test_client_is_made_without_a_lock_that_a_fork_could_copy():
    held = [value for value in vars(clients).values() if isinstance(value, type(threading.Lock()))]

    assert held == []
