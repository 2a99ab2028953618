"""A stored file is whole, its key reads back the very bytes, and the same bytes are kept once."""

import hashlib
import uuid
from pathlib import Path

import pytest

from carousels import files

DATA = bytes(range(256)) * 800
CAROUSEL = uuid.UUID("00000000-0000-4000-8000-000000000001")
KEY = f"carousels/{CAROUSEL}/art-01-{hashlib.sha256(DATA).hexdigest()}.png"


@pytest.fixture
def folder(settings) -> Path:
    made = Path(settings.MEDIA_ROOT, KEY).parent
    made.mkdir(parents=True)
    return made


def store(data: bytes = DATA) -> str:
    return files.store(carousel_id=CAROUSEL, name="art-01.png", data=data)


def test_key_says_whose_file_it_is_and_what_is_in_it():
    assert store() == KEY


@pytest.mark.parametrize("data", [DATA, b"", b"\0", "Größe".encode()], ids=["large", "empty", "nul", "text"])
def test_key_reads_back_the_bytes(data):
    assert files.read(store(data)) == data


@pytest.mark.parametrize("length", [0, 1, 65_536, len(DATA) - 1])
def test_beginning_of_a_file_is_not_taken_for_the_whole(settings, folder, length):
    """What a worker leaves that is killed while it writes."""
    Path(settings.MEDIA_ROOT, KEY).write_bytes(DATA[:length])

    key = store()

    assert files.read(key) == DATA
    assert Path(key).suffix == ".png"


def test_same_bytes_twice_are_one_file(folder):
    first, second = store(), store()

    assert first == second
    assert [path.name for path in folder.iterdir()] == [Path(KEY).name]


def test_other_bytes_of_the_same_name_are_another_file(folder):
    first, second = store(DATA), store(DATA[::-1])

    assert (files.read(first), files.read(second)) == (DATA, DATA[::-1])
    assert len(list(folder.iterdir())) == 2
