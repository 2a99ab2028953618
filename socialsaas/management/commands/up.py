"""manage.py up: every process of the product on this machine, until Ctrl-C."""

import os
import signal
import socket
import time

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connection
from rich.console import Console

from socialsaas import demo
from socialsaas.processes import Fleet, NotReady, ProcessDied, list_programs

PATIENCE = 10  # seconds the database may be away
GO_ON = "Everything was stopped. Started again, every job goes on where it was."


class Command(BaseCommand):
    help = "Start web server, workers and beat here, print the address and a login, and stay until Ctrl-C."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *, port: int, **options) -> None:
        _require_free(port)
        # A script's background job is started with Ctrl-C ignored; whoever sends it here means it.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        console = Console()
        try:
            self._run(port=port, console=console)
        except KeyboardInterrupt:
            console.print("Stopped.")
        except Error as error:
            raise CommandError(f"The database is gone, so everything was stopped: {error}") from error
        except ProcessDied as error:
            raise CommandError(f"{error}\n{GO_ON}") from error
        except NotReady as error:
            raise CommandError(str(error)) from error

    def _run(self, *, port: int, console: Console) -> None:
        logs = settings.DATA_DIR / "logs"
        with console.status("Starting everything"):
            call_command("migrate", verbosity=0)
            password = demo.new_password()
            user = demo.open_account(password=password)
        with demo.api_key(user) as key, Fleet(list_programs(port=port), folder=logs) as fleet:
            with console.status("Starting everything"):
                fleet.wait_until_ready()
            console.print(
                f"[bold green]socialsaas runs[/] (process {os.getpid()}; logs in {logs})\n"
                f"  API    http://127.0.0.1:{port}/api\n"
                f"  admin  http://127.0.0.1:{port}/admin/   {user.email}  {password}\n"
                f"  key    {key}\n"
                "Ctrl-C stops everything.",
                highlight=False,
                soft_wrap=True,
            )
            _stay(fleet)


def _stay(fleet: Fleet) -> None:
    """Until a process dies, the database is away for too long (`make down`?), or somebody interrupts."""
    answered = time.monotonic()
    while True:
        fleet.check()
        try:
            _ask_database()
            answered = time.monotonic()
        except Error:
            if time.monotonic() - answered > PATIENCE:
                raise
        time.sleep(1)


def _ask_database() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()


def _require_free(port: int) -> None:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError as error:
            raise CommandError(f"Port {port} is taken; choose another one: make up PORT=...") from error
