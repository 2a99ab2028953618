"""`test-api.http` is read as a REST client would read it, and every request in it is sent."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from jobs.models import GenerationJob
from tests import factories
from tests.rest.world import body_of

TEXT = (Path(__file__).resolve().parents[2] / "test-api.http").read_text()
VARIABLE = re.compile(r"^@(\w+) *= *(.+)$", re.MULTILINE)
PLACEHOLDER = re.compile(r"\{\{(.+?)\}\}")
SECRET = "the scheduler's secret"


@dataclass(frozen=True)
class Request:
    name: str
    method: str
    url: str
    headers: dict[str, str]
    body: str


def requests() -> list[Request]:
    """The blocks between `###` lines: comments, a request line, headers, an empty line, a body."""
    return [_request(block) for block in re.split(r"^###.*$", TEXT, flags=re.MULTILINE)[1:]]


def _request(block: str) -> Request:
    name = re.search(r"^# @name (\w+)$", block, re.MULTILINE)
    assert name is not None, block
    head, _, body = re.sub(r"^#.*\n", "", block.lstrip("\n"), flags=re.MULTILINE).partition("\n\n")
    line, *headers = head.splitlines()
    method, url = line.split(" ")

    return Request(name[1], method, url, dict(header.split(": ", 1) for header in headers), body.strip())


class Sender:
    """Sends the file's requests in order; a later one may use an earlier one's answer."""

    def __init__(self, client, variables: dict[str, str]) -> None:
        self.client = client
        self.variables = variables
        self.answers: dict[str, dict[str, Any]] = {}

    def send(self, request: Request):
        response = self.client.generic(
            request.method,
            self._filled(request.url),
            self._filled(request.body),
            content_type=request.headers.get("Content-Type", ""),
            headers={name: self._filled(value) for name, value in request.headers.items()},
        )
        self.answers[request.name] = body_of(response)

        return response

    def _filled(self, text: str) -> str:
        return PLACEHOLDER.sub(lambda found: self._value(found[1]), text)

    def _value(self, name: str) -> str:
        if ".response.body.$." not in name:
            return self.variables[name]
        request, _, path = name.partition(".response.body.$.")
        value: Any = self.answers[request]
        for key in path.split("."):
            value = value[key]

        return value


def test_file_declares_its_three_variables():
    assert dict(VARIABLE.findall(TEXT)) == {
        "base": "http://localhost:8000",
        "key": "sk_replace-me",
        "secret": "replace-me",
    }


def test_file_offers_generate_status_and_process():
    assert [(request.name, request.method) for request in requests()] == [
        ("generate", "POST"),
        ("status", "GET"),
        ("process", "POST"),
    ]


@pytest.mark.django_db
def test_every_request_of_the_file_is_answered(client, settings):
    settings.QUEUE_PROCESSOR_SECRET = SECRET
    user = factories.user()
    sender = Sender(client, {"base": "", "key": factories.api_key(user), "secret": SECRET})

    responses = [sender.send(request) for request in requests()]

    job = GenerationJob.objects.get()
    assert [response.status_code for response in responses] == [200, 200, 200]
    assert [answer["success"] for answer in sender.answers.values()] == [True, True, True]
    assert sender.answers["status"]["data"]["id"] == str(job.pk)
    assert sender.answers["process"]["data"]["processed"] == 1
    assert job.payload == {
        "prompt": "Digital marketing tips for small businesses",
        "imageCount": 5,
        "styles": ["photo"],
        "aspectRatio": "1:1",
    }
