"""The demo's account and its client: what a creator with the REST API would write. No shortcuts inside."""

import json
import re
import secrets
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.utils import timezone

from accounts import keys
from accounts.models import User
from billing import ledger, terms
from billing.models import LedgerEntry

EMAIL = "demo@example.com"
CREDITS_AT_LEAST, CREDITS_ADDED = 10, 100
POLL_SECONDS = 0.15
OTHER_FILES = ("carousel.pdf", "carousel.zip", "caption.txt")


class DemoFailed(Exception):
    """The demo could not make its carousel; the message is for the person at the terminal."""


def open_account(*, password: str | None = None) -> User:
    """The demo's user: topped up through the ledger, without a daily limit."""
    now = timezone.now()
    user = User.objects.filter(email=EMAIL).first() or User.objects.create_superuser(EMAIL)
    if password is not None:
        user.set_password(password)
        user.save(update_fields=["password"])
    account = ledger.open_account(user=user, now=now)
    if account.credits < CREDITS_AT_LEAST:
        reference = f"demo:{uuid.uuid4()}"
        ledger.grant(
            user=user, credits=CREDITS_ADDED, reference=reference, now=now, actor="demo", note="top-up"
        )
    terms.set_daily_limit(user=user, daily_limit=None, now=now)
    return user


@contextmanager
def api_key(user: User, *, script: str = "") -> Iterator[str]:
    """A key of one's own for as long as the block runs: two demos at once must not end each other's."""
    key, text = keys.create(user=user, name="demo", script=script)
    try:
        yield text
    finally:
        keys.revoke(key=key, now=timezone.now())


def is_paid_back(job_id: str) -> bool:
    """Whether what the job's runs took and gave back is nothing, by the ledger's own entries."""
    entries = LedgerEntry.objects.filter(reference__startswith=f"job:{job_id}:")
    return sum(entries.values_list("credits", flat=True)) == 0


def new_password() -> str:
    return secrets.token_urlsafe(9)


class Client:
    """Generate, watch, download: over HTTP with an API key, like any app."""

    def __init__(self, *, base: str, key: str) -> None:
        self.base, self.key = base, key

    def generate(self, **brief: Any) -> str:
        """Returns the job's id."""
        return self._call("/api/carousel/generate", brief)["jobId"]

    def watch(self, job_id: str, *, timeout: float) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
        """The job's status and what happened since the last one, until it has ended; the last is the end."""
        deadline, seen = time.monotonic() + timeout, 0
        while True:
            status = self._call(f"/api/queue/status/{job_id}")
            events = self._call(f"/api/jobs/{job_id}/events?after={seen}")
            seen = events[-1]["sequence"] if events else seen
            yield status, events
            if status["status"] in ("completed", "failed", "cancelled"):
                return
            if time.monotonic() > deadline:
                raise DemoFailed(f"the job is still {status['status']} after {timeout:.0f} s")
            time.sleep(POLL_SECONDS)

    def download(self, result: dict[str, Any], folder: Path) -> list[Path]:
        """Slides, PDF, caption and export pack into `folder`, emptied of an earlier run's files first."""
        for old in [*folder.glob("[0-9][0-9].png"), *(folder / name for name in OTHER_FILES)]:
            old.unlink(missing_ok=True)
        files = {f"{slide['slideNumber']:02d}.png": slide["imageUrl"] for slide in result["slides"]}
        files |= {"carousel.pdf": result["pdfUrl"], "carousel.zip": result["exportUrl"]}
        for name, address in files.items():
            (folder / name).write_bytes(self._open(urllib.request.Request(address)))
        (folder / "caption.txt").write_text(result["finalCaption"] + "\n", encoding="utf-8")
        return [folder / name for name in [*files, "caption.txt"]]

    def _call(self, path: str, body: dict[str, Any] | None = None) -> Any:
        request = urllib.request.Request(
            self.base + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
        )
        return json.loads(self._open(request))["data"]

    def _open(self, request: urllib.request.Request) -> bytes:
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.read()
        except urllib.error.HTTPError as error:
            raise DemoFailed(_said(error)) from error
        except OSError as error:
            raise DemoFailed(f"{request.full_url} could not be reached: {error}") from error


def stand_ins(result: dict[str, Any]) -> str | None:
    """One line on the slides whose art was drawn here because no AI service made it; None without any."""
    numbers = [str(slide["slideNumber"]) for slide in result["slides"] if slide["isStandIn"]]
    return (
        f"Drawn here, as no AI service made them: the pictures of slides {', '.join(numbers)}."
        if numbers
        else None
    )


def folder_name(prompt: str) -> str:
    """A file system's name for a prompt in any script."""
    return "-".join(re.findall(r"\w+", prompt.lower()))[:60].strip("-") or "carousel"


def _said(error: urllib.error.HTTPError) -> str:
    """What the API answered, in one line: its message and every fault it names."""
    try:
        body = json.loads(error.read())
        faults = [
            f"{'.'.join(map(str, fault['path']))}: {fault['message']}" for fault in body.get("details", [])
        ]
        return "; ".join([f"{body['error']}: {body['message']}", *faults])
    except (ValueError, KeyError):
        return f"HTTP {error.code}"
