"""The SDKs' clients: each made once in a process, and shared by its threads.

A connection must not cross a fork: two children that read from one get each other's answers. So a
client belongs to the process that made it; a child makes its own.
"""

import os
from collections.abc import Callable
from typing import Any, TypeVar

Client = TypeVar("Client")

_clients: dict[tuple, Any] = {}


def shared(make: Callable[..., Client], *arguments: Any) -> Client:
    """This process' client of these arguments.

    Without a lock, which a fork might copy while it is held: of two threads that come first, one makes
    a client for nothing. A parent's clients are kept in its children, unused: closing them would speak
    on the parent's connections.
    """
    key = (os.getpid(), make, *arguments)
    if key not in _clients:
        return _clients.setdefault(key, make(*arguments))
    return _clients[key]
