"""A slide's key: everything that reaches the picture changes it, nothing else does."""

import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from carousels.design import fingerprint as module
from carousels.design.brand import Brand
from carousels.design.document import SIZES, Words
from carousels.design.fingerprint import describe_machinery, fingerprint
from carousels.design.themes import THEMES, Palette
from tests.carousels.design.decks import WORDS, make_document, make_slide

ART = "a" * 64
FRESH = """
from tests.carousels.design.decks import make_document
from carousels.design.fingerprint import fingerprint
print(fingerprint(make_document(), 1, art_sha256="a" * 64, is_photo=False))
"""

OTHER_WORDS = {
    "kind": "point",
    "title": "Another title",
    "caption": "Another caption",
    "index": 3,
    "items": ("one", "two"),
    "kicker": "ANOTHER",
    "stat": "78%",
    "author": "Another author",
    "role": "Another role",
    "button": "Another button",
    "against": ("not that",),
    "labels": ("yes", "no"),
}
OTHER_BRANDS = {
    "name": Brand(name="Southlight", handle="@northlight.studio"),
    "handle": Brand(name="Northlight", handle="@southlight"),
    "logo": Brand(name="Northlight", handle="@northlight.studio", logo=b"png"),
    "avatar": Brand(name="Northlight", handle="@northlight.studio", avatar=b"png"),
    "fonts": Brand(name="Northlight", handle="@northlight.studio", fonts="aurora"),
    "colors": Brand(name="Northlight", handle="@northlight.studio", colors=("#1144AA",)),
}


@pytest.fixture(autouse=True)
def _read_machinery_anew():
    describe_machinery.cache_clear()
    yield
    describe_machinery.cache_clear()


def key_of(document, number: int = 1, art: str = ART, is_photo: bool = False) -> str:
    return fingerprint(document, number, art_sha256=art, is_photo=is_photo)


def make_deck(**words):
    cover = replace(make_slide("cover"), **words)
    return make_document(cover, make_slide("point", 2), make_slide("cta", 3))


def test_key_is_64_hex_digits_and_stable():
    first, second = key_of(make_deck()), key_of(make_deck())

    assert (first, len(first)) == (second, 64)
    assert int(first, 16) > 0


@pytest.mark.parametrize("field", OTHER_WORDS)
def test_every_word_of_the_slide_changes_its_key(field):
    assert key_of(make_deck(**{field: OTHER_WORDS[field]})) != key_of(make_deck())


@pytest.mark.parametrize("field", OTHER_BRANDS)
def test_everything_of_the_brand_changes_the_key(field):
    assert key_of(make_document(brand=OTHER_BRANDS[field])) != key_of(make_document())


@pytest.mark.parametrize("word", vars(Words()))
def test_every_word_of_the_frame_changes_the_key(word):
    other = replace(WORDS, **{word: "Another"})

    assert key_of(make_document(words=other)) != key_of(make_document())


@pytest.mark.parametrize(
    "change",
    [{"language": "de"}, {"theme": "topo"}, {"watermark": "made with us"}]
    + [{"aspect_ratio": ratio} for ratio in SIZES if ratio != "1:1"],
    ids=str,
)
def test_the_deck_s_own_values_change_the_key(change):
    assert key_of(make_document(**change)) != key_of(make_document())


def test_place_in_the_deck_changes_the_key():
    point = make_slide("point")
    pair = make_document(point, replace(point, number=2))
    three = make_document(point, replace(point, number=2), replace(point, number=3))

    keys = {key_of(pair, 1), key_of(pair, 2), key_of(three, 1), key_of(three, 2)}

    assert len(keys) == 4


def test_art_changes_the_key():
    document = make_document()

    keys = {key_of(document), key_of(document, art="b" * 64), key_of(document, is_photo=True)}

    assert len(keys) == 3


def test_a_theme_s_version_and_tokens_change_the_key(monkeypatch):
    cutout = THEMES["cutout"]
    before = key_of(make_document())
    others = (
        replace(cutout, version=cutout.version + 1),
        replace(cutout, type=replace(cutout.type, tracking=0.5)),
        replace(cutout, frame=replace(cutout.frame, stroke=9)),
        replace(cutout, colors=replace(cutout.colors, ink="#010203")),
        replace(cutout, art={**cutout.art, "new": 1}),
    )

    keys = set()
    for other in others:
        monkeypatch.setitem(THEMES, "cutout", other)
        keys.add(key_of(make_document()))

    assert len(keys | {before}) == 6


def test_only_the_palette_that_is_worn_counts(monkeypatch):
    cutout = THEMES["cutout"]
    dark = Palette(colors=replace(cutout.colors, ink="#102030"), art={})
    before = key_of(make_document())
    monkeypatch.setitem(THEMES, "cutout", replace(cutout, palettes={"dark": dark}))

    assert key_of(make_document()) == before
    assert key_of(make_document(palette="dark")) != before


@pytest.mark.parametrize("library", [*module.LIBRARIES, "fontpkg-inter", "manimgx-fonts-cjk"])
def test_another_version_of_a_library_or_font_changes_the_key(monkeypatch, library):
    before = key_of(make_document())
    describe_machinery.cache_clear()
    real = module.version
    monkeypatch.setattr(module, "version", lambda name: "0.0" if name == library else real(name))

    assert key_of(make_document()) != before


def test_engine_version_changes_the_key(monkeypatch):
    before = key_of(make_document())
    describe_machinery.cache_clear()
    monkeypatch.setattr(module, "ENGINE_VERSION", 9_999)

    assert key_of(make_document()) != before


def test_a_changed_template_changes_the_key_by_itself(monkeypatch, tmp_path):
    before = key_of(make_document())
    describe_machinery.cache_clear()
    copy = shutil.copytree(module.TEMPLATES, tmp_path / "templates")
    monkeypatch.setattr(module, "TEMPLATES", copy)
    same = key_of(make_document())
    describe_machinery.cache_clear()
    with (copy / "fit.typ").open("a") as template:
        template.write("// changed\n")

    assert same == before
    assert key_of(make_document()) != before


def test_what_is_not_drawn_on_the_slide_leaves_its_key_alone():
    before = make_deck()
    cover, point, cta = before.slides
    others = replace(point, title="Another"), replace(cta, caption="Another", button="Another")

    after = replace(before, slides=(cover, *others), title="Another deck")

    assert key_of(after) == key_of(before)
    assert key_of(make_deck(alt_text="What a reader hears")) == key_of(before)


@pytest.mark.parametrize("seed", ["0", "1"])
def test_key_is_the_same_in_a_fresh_process_with_any_hash_seed(seed):
    environment = {**os.environ, "PYTHONHASHSEED": seed}

    fresh = subprocess.run(
        [sys.executable, "-c", FRESH], env=environment, capture_output=True, text=True, check=True
    )

    assert fresh.stdout.strip() == key_of(make_document())


def test_key_costs_next_to_nothing():
    document = make_document()
    key_of(document)
    started = time.process_time()

    for _ in range(100):
        key_of(document)

    assert time.process_time() - started < 1  # 20 ms on a quiet machine


def test_machinery_is_read_in_a_moment():
    started = time.process_time()

    describe_machinery()

    assert time.process_time() - started < 0.3  # 15 ms on a quiet machine
