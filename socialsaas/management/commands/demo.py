"""manage.py demo: the main job as a user would do it, from an empty machine to finished files."""

import shutil
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from carousels.providers.offline.scripts import InvalidScript, Script
from jobs.serializers import GenerateInput
from socialsaas.demo import Client, DemoFailed, api_key, folder_name, is_paid_back, open_account, stand_ins
from socialsaas.processes import Fleet, NotReady, ProcessDied, free_port, list_programs

JOB_SECONDS, REHEARSAL_SECONDS = 180, 3600
NOT_NEEDED = {"webhooks"}
STARTING = "Starting database, broker, web server and workers"
ASKED_AS = {"prompt": "PROMPT", "imageCount": "SLIDES", "aspectRatio": "RATIO", "styles": "STYLE"}


class Command(BaseCommand):
    help = "Start everything here, make one carousel over the REST API, write its files and stop again."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--prompt", required=True)
        parser.add_argument("--slides", default="5")
        parser.add_argument("--ratio", default="4:5")
        parser.add_argument("--style", default="", help="such as paper, dark or bauhaus")
        parser.add_argument("--points", default="", help="key points, with semicolons between them")
        parser.add_argument("--script", default="", help="failures to rehearse, such as 429-then-ok")
        parser.add_argument("--out", default="out")

    def handle(self, *, out: str, script: str, **options) -> None:
        console = Console()
        began = time.monotonic()
        try:
            _check(script)
            brief = _brief(**options)
            folder = _folder(Path(out) / folder_name(brief["prompt"]))
            files = self._make(brief, script=script, folder=folder, console=console)
        except (DemoFailed, ProcessDied, NotReady) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError("Interrupted; what was started is stopped.", returncode=130) from None
        console.print(f"\n[bold green]Done[/] in {time.monotonic() - began:.1f} s. Your carousel:")
        for file in files:
            console.print(f"  {file}", highlight=False, markup=False, soft_wrap=True)

    def _make(self, brief: dict[str, Any], *, script: str, folder: Path, console: Console) -> list[Path]:
        port = free_port()
        programs = [program for program in list_programs(port=port) if program.name not in NOT_NEEDED]
        logs = settings.DATA_DIR / "logs" / f"demo-{port}"  # two demos at once are two fleets
        with console.status(STARTING):
            call_command("migrate", verbosity=0)
            user = open_account()
        with api_key(user, script=script) as key, Fleet(programs, folder=logs) as fleet:
            with console.status(STARTING):
                fleet.wait_until_ready()
            client = Client(base=f"http://127.0.0.1:{port}", key=key)
            if script:
                console.print(
                    f"Rehearsing [bold]{escape(script)}[/]: what fails, fails on purpose.", highlight=False
                )
            timeout = REHEARSAL_SECONDS if script else JOB_SECONDS
            result = _watch(client, client.generate(**brief), timeout=timeout, fleet=fleet, console=console)
            files = client.download(result, folder)
        if told := stand_ins(result):
            console.print(f"[yellow]{told}[/]", highlight=False, soft_wrap=True)
        shutil.rmtree(logs)  # only a failed demo's logs are worth keeping
        return files


def _check(script: str) -> None:
    try:
        if script:
            Script.parse(script)
    except InvalidScript as error:
        raise DemoFailed(f"SCRIPT: {error}") from error


def _brief(*, prompt: str, slides: str, ratio: str, style: str, points: str, **_other: Any) -> dict[str, Any]:
    """The request, judged by the API's own rules before anything is started."""
    brief = {
        "prompt": prompt,
        "imageCount": int(slides) if slides.isdecimal() else slides,
        "aspectRatio": ratio,
        "styles": [style] if style else ["photo"],
        "keyPoints": [point.strip() for point in points.split(";") if point.strip()],
    }
    judged = GenerateInput(data=brief)
    if not judged.is_valid():
        faults = [
            f"{ASKED_AS.get(name, name)}: {' '.join(map(str, said))}" for name, said in judged.errors.items()
        ]
        raise DemoFailed("; ".join(faults))
    return brief


def _folder(path: Path) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DemoFailed(f"OUT: {path} cannot be made: {error.strerror}") from error
    return path


def _watch(client: Client, job_id: str, *, timeout: float, fleet: Fleet, console: Console) -> dict[str, Any]:
    """Show the progress the API tells, and every retry, until the job has ended; returns its result."""
    columns = TextColumn("{task.description:<32}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %")
    with Progress(*columns, TimeElapsedColumn(), console=console) as bar:
        task = bar.add_task("", total=100)
        for status, events in client.watch(job_id, timeout=timeout):
            fleet.check()
            for event in events:
                _tell_of_retry(event, bar.console)
            progress = status["progress"]
            bar.update(task, completed=progress["percent"], description=progress["message"])
    if status["status"] != "completed":
        raise DemoFailed(_why(status))
    return status["result"]


def _tell_of_retry(event: dict[str, Any], console: Console) -> None:
    if (event["from"], event["to"]) != ("running", "queued"):
        return
    step = f"{event['step']} {event['slideNumber'] or ''}"
    wait, tried = event["data"]["retryInSeconds"], event["data"]["attempt"]
    then = f"waits {wait:.3g} s before try {tried + 1}" if wait else f"try {tried + 1} at once"
    console.print(f"  {step:<10} [yellow]{event['reason']:<20}[/] {then}", highlight=False)


def _why(status: dict[str, Any]) -> str:
    """How a job ended without a result, for the person at the terminal."""
    error = status["error"] or {"code": status["status"].upper(), "message": "The job has no result."}
    paid = "The credit was paid back." if is_paid_back(status["id"]) else "The credit was not paid back!"
    return f"{error['code']}: {error['message']}\n{paid}"
