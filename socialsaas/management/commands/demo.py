"""manage.py demo: the main job as a user would do it, from an empty machine to finished files."""

import shutil
import socket
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from jobs.serializers import GenerateInput
from socialsaas.demo import Client, DemoFailed, api_key, folder_name, open_account
from socialsaas.processes import Fleet, NotReady, ProcessDied, list_programs

JOB_SECONDS = 180
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
        parser.add_argument("--out", default="out")

    def handle(self, *, out: str, **options) -> None:
        console = Console()
        began = time.monotonic()
        try:
            brief = _brief(**options)
            folder = _folder(Path(out) / folder_name(brief["prompt"]))
            files = self._make(brief, folder=folder, console=console)
        except (DemoFailed, ProcessDied, NotReady) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError("Interrupted; what was started is stopped.", returncode=130) from None
        console.print(f"\n[bold green]Done[/] in {time.monotonic() - began:.1f} s. Your carousel:")
        for file in files:
            console.print(f"  {file}", highlight=False, markup=False, soft_wrap=True)

    def _make(self, brief: dict[str, Any], *, folder: Path, console: Console) -> list[Path]:
        port = _free_port()
        programs = [program for program in list_programs(port=port) if program.name not in NOT_NEEDED]
        logs = settings.DATA_DIR / "logs" / f"demo-{port}"  # two demos at once are two fleets
        with console.status(STARTING):
            call_command("migrate", verbosity=0)
            user = open_account()
        with api_key(user) as key, Fleet(programs, folder=logs) as fleet:
            with console.status(STARTING):
                fleet.wait_until_ready()
            client = Client(base=f"http://127.0.0.1:{port}", key=key)
            result = _watch(client, client.generate(**brief), fleet=fleet, console=console)
            files = client.download(result, folder)
        shutil.rmtree(logs)  # only a failed demo's logs are worth keeping
        return files


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


def _watch(client: Client, job_id: str, *, fleet: Fleet, console: Console) -> dict[str, Any]:
    """Show the progress the API tells, until the job has ended; returns its result."""
    columns = TextColumn("{task.description:<32}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %")
    with Progress(*columns, TimeElapsedColumn(), console=console) as bar:
        task = bar.add_task("", total=100)
        for status in client.watch(job_id, timeout=JOB_SECONDS):
            fleet.check()
            progress = status["progress"]
            bar.update(task, completed=progress["percent"], description=progress["message"])
    if status["status"] != "completed":
        error = status["error"] or {"code": status["status"].upper(), "message": "the job has no result"}
        raise DemoFailed(f"{error['code']}: {error['message']}")
    return status["result"]


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
