"""The clients, in a process of their own: open every stream, write down when each event came.

`python -m bench.streams.client PORT PATHS RESULT`: PATHS is a file with one address a line; RESULT gets
a line per event seen after the first: `job sequence time`.
"""

import asyncio
import sys
import time
from pathlib import Path

AT_ONCE = 50  # streams that are being opened


class Watcher:
    def __init__(self, path: str, *, port: int) -> None:
        self.path, self.port = path, port
        self.job = path.split("/")[3]
        self.seen: list[str] = []

    async def open(self) -> None:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        request = f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n"
        self.writer.write(request.encode())
        head = await self.reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        await self.reader.readuntil(b"event: snapshot\n")
        await self.reader.readuntil(b"id: 1\n")

    async def watch(self) -> None:
        """To the end of the answer, which is its last chunk."""
        while (line := await self.reader.readline()) not in (b"0\r\n", b""):
            if line.startswith(b"id: "):
                self.seen.append(f"{self.job} {int(line[4:])} {time.time()}")


async def main(port: int, paths: list[str], result: Path) -> None:
    watchers = [Watcher(path, port=port) for path in paths]
    room = asyncio.Semaphore(AT_ONCE)

    async def opened(watcher: Watcher) -> None:
        async with room:
            await watcher.open()

    await asyncio.gather(*map(opened, watchers))
    print("open", flush=True)
    await asyncio.gather(*(watcher.watch() for watcher in watchers))
    result.write_text("\n".join(line for watcher in watchers for line in watcher.seen))


if __name__ == "__main__":
    port, paths, result = sys.argv[1:]
    asyncio.run(main(int(port), Path(paths).read_text().split(), Path(result)))
