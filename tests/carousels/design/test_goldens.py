"""Pictures against the approved ones, and the same bytes wherever they are drawn.

A failure here is a question: was the change meant? If so, `python -m tests.carousels.design.goldens`
draws the reference pictures anew; its docstring says what else belongs to the commit.
"""

import hashlib
import json
import os
import subprocess
import sys

import pytest
from PIL import Image

from carousels.design.fingerprint import ENGINE_VERSION
from tests.carousels.design.decks import compose, make_document, make_slide
from tests.carousels.design.goldens import (
    FOLDER,
    INDEX,
    TOLERANCE,
    find_difference,
    list_specimens,
    open_golden,
    path_of,
    shrink,
)

SPECIMENS = {specimen.name: specimen for specimen in list_specimens()}
FRESH = """
import hashlib
from tests.carousels.design.test_goldens import draw_everything
for data in draw_everything():
    print(hashlib.sha256(data).hexdigest())
"""


def draw_everything() -> list[bytes]:
    """Every file of a small deck with several kinds and scripts."""
    slides = (
        make_slide("comparison"),
        make_slide("steps", 2, title="خمس عادات 👩🏽‍💻 *5つの習慣*"),
    )
    pages, pdf = compose(make_document(*slides, theme="topo", aspect_ratio="4:5"))
    return [*(file for page in pages for file in (page.png, page.jpeg, page.thumbnail)), pdf]


@pytest.mark.parametrize("name", SPECIMENS)
def test_picture_is_the_approved_one(name):
    picture = shrink(SPECIMENS[name].draw())

    assert find_difference(picture, open_golden(SPECIMENS[name])) <= TOLERANCE


def test_reference_pictures_are_exactly_the_specimens_and_small():
    files = sorted(FOLDER.glob("*.png"))

    assert files == sorted(map(path_of, SPECIMENS.values()))
    assert sum(path.stat().st_size for path in files) < 200_000


def test_index_names_the_engine_and_every_picture():
    index = json.loads(INDEX.read_text(encoding="utf-8"))

    assert (index["engine"], sorted(index["pixels"])) == (ENGINE_VERSION, sorted(SPECIMENS))


def test_a_word_that_moved_by_a_pixel_is_seen():
    specimen = SPECIMENS["language-ja"]
    picture = specimen.draw()
    moved = Image.new("RGB", picture.size)
    moved.paste(picture, (1, 0))

    assert find_difference(shrink(picture), shrink(moved)) > TOLERANCE


def test_one_level_more_everywhere_is_no_difference():
    picture = SPECIMENS["language-ja"].draw()
    lighter = picture.point(lambda level: min(255, level + 1))

    assert find_difference(shrink(picture), shrink(lighter)) <= TOLERANCE


def test_bytes_are_the_same_twice_and_in_fresh_processes_with_any_hash_seed():
    first, second = draw_everything(), draw_everything()
    fresh = [
        subprocess.run(
            [sys.executable, "-c", FRESH],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        for seed in ("0", "4711")
    ]

    assert first == second
    assert fresh == [[hashlib.sha256(data).hexdigest() for data in first]] * 2
