"""Server-sent events as bytes: what one event, a job's snapshot and a ping look like on the wire."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from rest_framework.renderers import JSONRenderer

from jobs import answers, news

PING = b": ping\n\n"
RETRY_AFTER = 1000  # milliseconds until a browser that lost its stream asks again

_json = JSONRenderer()  # as every other answer is written


@dataclass(frozen=True)
class Site:
    """Where a client reached us, kept when its request is gone: how an absolute address begins."""

    root: str

    def build_absolute_uri(self, path: str) -> str:
        return self.root + path


class Frame(NamedTuple):
    """An event, ready to be sent. `is_end`: nothing follows it, unless the job is requeued."""

    sequence: int
    text: bytes
    is_end: bool


def frame_of(told: dict[str, Any], site: Site) -> Frame:
    """`told` as `news.as_json` makes it. The browser's name for it is the step's kind, or `job`."""
    sequence, name = told["sequence"], told["step"] or "job"
    text = b"id: %d\n%s" % (sequence, _text(name, answers.event(told, site)))
    return Frame(sequence, text, news.is_end(told))


def opening(snapshot: dict[str, Any]) -> bytes:
    """What a stream begins with. It carries no id: it is not an event, and is not resumed after."""
    return b"retry: %d\n%s" % (RETRY_AFTER, _text("snapshot", snapshot))


def _text(name: str, data: dict[str, Any]) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), _json.render(data))
