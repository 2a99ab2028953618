"""The fake says what OpenAI's SDK accepts under its strict validation; and it counts right."""

import json
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import openai
import pytest

from carousels.providers.http import make_client
from socialsaas.processes import free_port
from tests.carousels.providers import vendors, wire
from tests.carousels.providers.fake_vendor import IMAGE, TEXT, Reply
from tests.carousels.providers.vendors import BRIEF, REQUEST

ROOT = Path(__file__).parents[3]
QUESTION = json.dumps({"slides": 3, "look": "topo"})


@pytest.fixture
def strict(vendor):
    """OpenAI's own SDK, which raises for any answer that is not as its types say."""
    with (
        make_client(5.0) as http,
        openai.OpenAI(
            api_key="k",
            base_url=vendor.base_url,
            http_client=http,
            max_retries=0,
            _strict_response_validation=True,
        ) as client,
    ):
        yield client


def test_answers_are_as_the_sdk_has_them(strict):
    response = strict.responses.create(model="gpt-6-luna", input=QUESTION)
    chat = strict.chat.completions.create(model="m", messages=[{"role": "user", "content": QUESTION}])
    images = strict.images.generate(model="gpt-image-2.5-flare", prompt="p", size="1088x1088")
    moderation = strict.moderations.create(model="omni-moderation-latest", input="a drugstore")

    assert response.output_text == chat.choices[0].message.content == wire.as_text(wire.carousel(3, "topo"))
    assert images.data[0].b64_json
    assert moderation.results[0].flagged is False


@pytest.mark.parametrize(
    "changes", [{"refusal": "no"}, {"reason": "max_output_tokens"}, {"usage": wire.response_usage()}]
)
def test_other_answers_are_as_the_sdk_has_them(vendor, strict, changes):
    vendor.script(lambda call: wire.response(call.body, "{}", **changes))

    assert strict.responses.create(model="gpt-6-luna", input=QUESTION).usage.output_tokens == 900


def test_strict_validation_would_notice(vendor, strict):
    vendor.script(lambda call: wire.response(call.body, "{}", usage={"input_tokens": "many"}))

    with pytest.raises(openai.APIResponseValidationError):
        strict.responses.create(model="gpt-6-luna", input=QUESTION)


def test_calls_in_flight_are_counted(vendor):
    vendor.delay = 0.2
    provider = vendors.texts(vendor.url)["openai"]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: provider.write_strategy(BRIEF), range(6)))

    assert vendor.state() == {"calls": {"text": 6}, "inFlight": 0, "mostInFlight": 6}


def test_script_is_for_one_kind_of_call(vendor):
    vendor.script(Reply(500, wire.openai_error()), kind=IMAGE)
    vendors.texts(vendor.url)["openai"].write_strategy(BRIEF)
    with pytest.raises(Exception, match="PROVIDER_UNAVAILABLE"):
        vendors.images(vendor.url)["openai"].paint(REQUEST)

    assert (vendor.count(TEXT), vendor.count(IMAGE)) == (1, 1)


def test_fake_runs_as_a_process_of_its_own():
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "tests.carousels.providers.fake_vendor", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        wait_for(url)
        tell(url, "script", {"kind": "image", "replies": [{"status": 429}]})
        vendors.texts(url)["gemini"].write_strategy(BRIEF)
        with pytest.raises(Exception, match="RATE_LIMITED"):
            vendors.images(url)["gemini"].paint(REQUEST)
        counted = state_of(url)
    finally:
        process.terminate()
        process.wait()

    assert counted == {"calls": {"image": 1, "text": 1}, "inFlight": 0, "mostInFlight": 1}


def wait_for(url: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            state_of(url)
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(url)


def state_of(url: str) -> dict:
    with urllib.request.urlopen(f"{url}/_fake/state", timeout=5) as answer:
        return json.load(answer)


def tell(url: str, order: str, told: dict) -> None:
    request = urllib.request.Request(f"{url}/_fake/{order}", data=json.dumps(told).encode())
    urllib.request.urlopen(request, timeout=5).close()
