"""What holds for every process: clients of its own, nothing heavy in the web process, nothing in the logs."""

import contextlib
import logging
import multiprocessing
import os
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest
from django.conf import settings

from carousels.providers import clients, http
from carousels.providers.base import ProviderError
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
    chatty = {"openai", "google_genai", "httpx2", "httpcore2"}
    assert {record.name.partition(".")[0] for record in caplog.records} & chatty == set()


def _ask_twice(provider) -> None:
    ask = provider.paint if hasattr(provider, "paint") else provider.write_strategy
    with pytest.raises(Exception, match="PROVIDER_REFUSED"):
        ask(REQUEST if hasattr(provider, "paint") else BRIEF)
    ask(REQUEST if hasattr(provider, "paint") else BRIEF)


ELSEWHERE = {
    "OPENAI_BASE_URL": "http://127.0.0.1:1/v1",
    "OPENAI_API_KEY": "sk-other",
    "GOOGLE_GEMINI_BASE_URL": "http://127.0.0.1:1",
    "GOOGLE_API_KEY": "AIza-other",
    "GEMINI_API_KEY": "AIza-other",
    "GOOGLE_GENAI_USE_ENTERPRISE": "true",
    "GOOGLE_GENAI_USE_VERTEXAI": "true",
    "GOOGLE_GENAI_API_VERSION": "v1",
}


def test_what_the_sdks_read_from_the_environment_changes_nothing(vendor, monkeypatch):
    for name, value in ELSEWHERE.items():
        monkeypatch.setenv(name, value)
    for provider in vendors.texts(vendor.url, text_timeout=59.0).values():  # no other test's clients
        provider.write_strategy(BRIEF)

    paths = [call.path for call in vendor.calls]
    keys = [call.headers.get("x-goog-api-key", call.headers.get("authorization")) for call in vendor.calls]
    assert paths == [
        "/v1/responses",
        "/v1/chat/completions",
        "/v1beta/models/gemini-3.8-flash:generateContent",
    ]
    assert keys == ["Bearer sk-secret", "Bearer none", "AIza-secret"]


@pytest.mark.parametrize("name", ["openai", "gemini"])
def test_answer_without_end_is_not_held(vendor, monkeypatch, name):
    monkeypatch.setattr(http, "ANSWER_MOST", 10_000)
    vendor.script(Reply(body=b" " * 200_000 + b"{}"))
    with pytest.raises(ProviderError) as caught:
        vendors.texts(vendor.url)[name].write_strategy(BRIEF)

    assert (caught.value.code, caught.value.is_cut_off) == ("PROVIDER_UNAVAILABLE", True)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n"


@pytest.mark.parametrize(
    "pieces",
    [
        [HEAD, *[b"X-Wait: yes\r\n"] * 9],
        [b"HTTP/1.1 102 Processing\r\n\r\n"] * 9,
        [HEAD + b"\r\n", b"x"],
    ],
    ids=["head", "interim", "body that stalls"],
)
def test_call_ends_at_its_time_out_however_slowly_the_server_speaks(pieces):
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=speak_slowly, args=(server, pieces), daemon=True).start()
        began = time.monotonic()
        with http.make_client(0.5) as client, pytest.raises(httpx2.ReadTimeout):
            client.get(f"http://127.0.0.1:{server.getsockname()[1]}/")

    assert 0.5 <= time.monotonic() - began < 0.8


def speak_slowly(server: socket.socket, pieces: list[bytes]) -> None:
    connection, _ = server.accept()
    with connection, contextlib.suppress(OSError):  # the client leaves
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(0.4)
        time.sleep(2)


def test_client_is_made_without_a_lock_that_a_fork_could_copy():
    held = [value for value in vars(clients).values() if isinstance(value, type(threading.Lock()))]

    assert held == []
