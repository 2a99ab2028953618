"""Valkey of the embedded pair: how it is started and asked. Nothing here decides when.

It listens on 127.0.0.1, where every user of the machine can knock: hence the password, which travels by stdin
because arguments can be read by all.
"""

import re
import secrets
import signal
import socket
from pathlib import Path
from urllib.parse import urlsplit

CONFIGURATION = """
bind 127.0.0.1
port {port}
requirepass {password}
dir .
maxmemory-policy noeviction
save ""
appendonly {appendonly}
appendfsync everysec
daemonize no
"""


def choose_url(last: str) -> str:
    """The last URL while its port is free, for whoever still holds it; else one with a new port."""
    match = re.fullmatch(r"redis://:(\w+)@127\.0\.0\.1:(\d+)/0", last)
    password = match[1] if match else secrets.token_hex(16)
    port = int(match[2]) if match else 0

    return f"redis://:{password}@127.0.0.1:{_free_port(port) or _free_port(0)}/0"


def _free_port(wanted: int) -> int | None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:  # taken
            return None

        return probe.getsockname()[1]


def describe_server(data: Path, *, url: str, binary: Path, account: dict, throwaway: bool) -> dict:
    """Say to the keeper how this server is run and ended."""
    parts = urlsplit(url)
    configuration = CONFIGURATION.format(
        port=parts.port, password=parts.password, appendonly="no" if throwaway else "yes"
    )

    return {
        "name": "valkey",
        "argv": [str(binary), "-"],
        "cwd": str(data),
        "stdin": configuration,
        "account": account,
        "ladder": [(signal.SIGTERM, 10), (signal.SIGKILL, 5)],
    }


def answers(url: str) -> bool:
    """Ask PING. Another's server on this port does not know the password."""
    parts = urlsplit(url)

    try:
        with socket.create_connection((parts.hostname, parts.port), timeout=5) as connection:
            connection.sendall(f"AUTH {parts.password}\r\nPING\r\nQUIT\r\n".encode())
            reply = b"".join(iter(lambda: connection.recv(4096), b""))
    except OSError:  # not there yet, or not any more
        return False

    return reply == b"+OK\r\n+PONG\r\n+OK\r\n"
