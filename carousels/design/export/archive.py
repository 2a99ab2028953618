"""A ZIP that is written while it is sent: files as they are, one after the other, no clock, no disk.

Sources are read twice, once to be measured and once to be sent, so that every header is true when it
leaves: any program can unpack the stream, and its length is known before its first byte.
"""

import hashlib
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

CHUNK = 256 * 1024  # bytes in memory at a time

VERSION_NEEDED, MADE_BY_UNIX = 20, 0x0314
UTF8_NAMES, STORED = 0x0800, 0
FIRST_OF_1980 = (0, 0x0021)  # time and date: the same files make the same archive on any day
PLAIN_FILE = 0o100644 << 16

Source = Callable[[], BinaryIO]


@dataclass(frozen=True)
class Entry:
    """One measured file."""

    path: str
    source: Source
    size: int
    crc: int
    sha256: str

    @property
    def name(self) -> bytes:
        return self.path.encode()

    def as_header(self) -> bytes:
        """What stands before the file."""
        return struct.pack("<4s2H", b"PK\x03\x04", VERSION_NEEDED, UTF8_NAMES) + self._facts() + self.name

    def as_listing(self, offset: int) -> bytes:
        """What stands in the directory at the end, which names the place of the header."""
        start = struct.pack("<4s3H", b"PK\x01\x02", MADE_BY_UNIX, VERSION_NEEDED, UTF8_NAMES)
        return start + self._facts() + struct.pack("<3H2I", 0, 0, 0, PLAIN_FILE, offset) + self.name

    def _facts(self) -> bytes:
        sizes = (self.crc, self.size, self.size)
        return struct.pack("<3H3I2H", STORED, *FIRST_OF_1980, *sizes, len(self.name), 0)


@dataclass(frozen=True)
class Archive:
    entries: tuple[Entry, ...]

    @property
    def length(self) -> int:
        """Bytes that `stream` will give."""
        return sum(map(len, self._directory())) + sum(
            len(entry.as_header()) + entry.size for entry in self.entries
        )

    def stream(self) -> Iterator[bytes]:
        for entry in self.entries:
            yield entry.as_header()
            yield from read(entry.source)
        yield from self._directory()

    def _directory(self) -> Iterator[bytes]:
        offset = size = 0
        for entry in self.entries:
            listing = entry.as_listing(offset)
            yield listing
            offset += len(entry.as_header()) + entry.size
            size += len(listing)
        count = len(self.entries)
        yield struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, size, offset, 0)


def measure(files: Mapping[str, Source]) -> list[Entry]:
    """Read every file once, in the order of their paths."""
    return [_measure(path, files[path]) for path in sorted(files)]


def hold(text: str) -> Source:
    """A source of a text; a lone surrogate, which no file can hold, becomes a question mark."""
    data = text.encode(errors="replace")
    return lambda: BytesIO(data)


def read(source: Source) -> Iterator[bytes]:
    with source() as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _measure(path: str, source: Source) -> Entry:
    size = crc = 0
    digest = hashlib.sha256()
    for chunk in read(source):
        size += len(chunk)
        crc = zlib.crc32(chunk, crc)
        digest.update(chunk)
    return Entry(path=path, source=source, size=size, crc=crc, sha256=digest.hexdigest())
