"""The ZIP as it leaves: whole, true, the same every time, and never more than a chunk in memory."""

import hashlib
import zipfile
from io import BytesIO

import pytest

from carousels.design.export import archive
from carousels.design.export.archive import Archive, measure

FILES = {"b/two.txt": b"two" * 1000, "a/einsß漢.bin": bytes(range(256)), "a/empty": b""}


class Watched(BytesIO):
    """A file that counts how many of its kind are open, and the most that was read at once."""

    opened = most_opened = most_read = 0

    def __enter__(self):
        type(self).opened += 1
        type(self).most_opened = max(self.most_opened, self.opened)
        return super().__enter__()

    def __exit__(self, *error):
        type(self).opened -= 1
        return super().__exit__(*error)

    def read(self, size=-1):
        data = super().read(size)
        type(self).most_read = max(self.most_read, len(data))
        return data


def make_archive(files: dict[str, bytes]) -> Archive:
    return Archive(tuple(measure({path: lambda data=data: BytesIO(data) for path, data in files.items()})))


def unpack(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


def test_archive_holds_the_files_in_the_order_of_their_paths():
    data = b"".join(make_archive(FILES).stream())

    unpacked = unpack(data)

    assert unpacked == FILES
    assert list(unpacked) == ["a/einsß漢.bin", "a/empty", "b/two.txt"]


def test_files_are_stored_as_they_are_for_everyone_to_read():
    with zipfile.ZipFile(BytesIO(b"".join(make_archive(FILES).stream()))) as opened:
        facts = {
            (entry.compress_type, entry.date_time, entry.external_attr >> 16, entry.flag_bits)
            for entry in opened.infolist()
        }

    assert facts == {(zipfile.ZIP_STORED, (1980, 1, 1, 0, 0, 0), 0o100644, 0x800)}


@pytest.mark.parametrize("files", [{}, {"a": b""}, FILES, {"big": bytes(3 * archive.CHUNK + 1)}])
def test_length_is_known_before_the_first_byte(files):
    made = make_archive(files)

    assert made.length == len(b"".join(made.stream()))


def test_same_files_make_the_same_bytes():
    again = dict(reversed(FILES.items()))

    assert b"".join(make_archive(FILES).stream()) == b"".join(make_archive(again).stream())


def test_entries_are_measured_truly():
    [entry] = measure({"a": lambda: BytesIO(FILES["b/two.txt"])})

    assert (entry.size, entry.sha256) == (3000, hashlib.sha256(b"two" * 1000).hexdigest())


def test_one_file_is_open_at_a_time_and_read_by_the_chunk():
    size = 5 * archive.CHUNK + 7
    made = Archive(tuple(measure({f"{number}": lambda: Watched(bytes(size)) for number in range(4)})))

    most_yielded = max(map(len, made.stream()))

    assert (Watched.opened, Watched.most_opened, Watched.most_read) == (0, 1, archive.CHUNK)
    assert most_yielded == archive.CHUNK <= 1_000_000


def test_listener_who_leaves_closes_the_file():
    made = Archive(tuple(measure({"a": lambda: Watched(bytes(3 * archive.CHUNK))})))
    stream = made.stream()
    next(stream), next(stream)
    assert Watched.opened == 1

    stream.close()

    assert Watched.opened == 0


def test_lone_surrogate_becomes_a_question_mark():
    assert b"".join(archive.read(archive.hold("a\ud800b漢"))) == "a?b漢".encode()
