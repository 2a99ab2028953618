"""The clients, in a process of their own: open every stream, write down when each event came.

`python -m bench.streams.client PORT PATHS RESULT`: PATHS is a file with one address a line; RESULT gets
a line per event seen after the first: `job sequence time`. As little work as can be: what the clients
take from the processors, the server would seem to be late.
"""

import asyncio
import re
import sys
import time
from pathlib import Path

AT_ONCE = 50  # streams that are being opened
EVENT = re.compile(rb"\nid: (\d+)\n")
LAST_CHUNK = b"\r\n0\r\n\r\n"


class Watcher(asyncio.Protocol):
    def __init__(self, path: str) -> None:
        self.path = path
        self.seen: list[tuple[int, float]] = []
        loop = asyncio.get_running_loop()
        self.opened, self.ended = loop.create_future(), loop.create_future()
        self._text = b""

    def connection_made(self, transport: asyncio.Transport) -> None:
        transport.write(
            f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        at = time.time()
        self._text += data
        end = 0
        for found in EVENT.finditer(self._text):
            self.seen.append((int(found[1]), at))
            end = found.end()
        self._text = self._text[end:]
        if self.seen and not self.opened.done():
            self.opened.set_result(None)
        if self._text.endswith(LAST_CHUNK):
            self.ended.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        for future in (self.opened, self.ended):
            if not future.done():
                future.set_exception(ConnectionError(f"{self.path} broke off: {self._text!r}"))

    def lines(self) -> list[str]:
        job = self.path.split("/")[3]
        return [f"{job} {sequence} {at}" for sequence, at in self.seen if sequence > 1]


async def main(port: int, paths: list[str], result: Path) -> None:
    room = asyncio.Semaphore(AT_ONCE)

    async def open_stream(path: str) -> Watcher:
        async with room:
            loop = asyncio.get_running_loop()
            _, watcher = await loop.create_connection(lambda: Watcher(path), "127.0.0.1", port)
            await watcher.opened
            return watcher

    watchers = await asyncio.gather(*map(open_stream, paths))
    print("open", flush=True)
    await asyncio.gather(*(watcher.ended for watcher in watchers))
    result.write_text("\n".join(line for watcher in watchers for line in watcher.lines()))


if __name__ == "__main__":
    port, paths, result = sys.argv[1:]
    asyncio.run(main(int(port), Path(paths).read_text().split(), Path(result)))
