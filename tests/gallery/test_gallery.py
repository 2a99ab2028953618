"""The gallery shows everything on offer, and tells what does not pass."""

from dataclasses import replace
from itertools import product

from carousels.design.document import KINDS, SIZES
from carousels.design.themes import THEMES
from gallery import decks
from gallery.__main__ import SECTIONS, plan
from gallery.sheets import Drawn, Sheet, draw, write_index
from tests.carousels.design.decks import open_image


def test_gallery_shows_every_theme_in_every_ratio_kind_and_palette():
    sheets = list(plan())

    shown = {(sheet.section, sheet.document.theme, sheet.document.aspect_ratio) for sheet in sheets}
    sections = ("themes", "photographs", "stress")
    assert shown >= set(product(sections, THEMES, SIZES))
    assert {sheet.section for sheet in sheets} == set(SECTIONS)
    assert {slide.kind for slide in decks.KINDS} == set(KINDS)
    assert {(sheet.document.theme, sheet.document.palette) for sheet in sheets} >= {
        (theme.name, palette) for theme in THEMES.values() for palette in theme.palettes
    }


def test_sheet_is_drawn_into_the_folder(tmp_path):
    deck = decks.all_kinds(theme="cutout", aspect_ratio="1:1")
    two = replace(deck, slides=deck.slides[:2])

    drawn = draw(Sheet("themes", "cutout 1:1", two), tmp_path)

    assert (drawn.faults, drawn.files) == ((), ("themes-cutout-1-1-01.jpg", "themes-cutout-1-1-02.jpg"))
    assert open_image((tmp_path / drawn.files[0]).read_bytes()).size == (1080, 1080)
    assert (tmp_path / "themes-cutout-1-1.pdf").read_bytes().startswith(b"%PDF")


def test_index_shows_every_sheet_and_its_faults_literally(tmp_path):
    sheets = [
        Drawn("themes", "topo 4:5", ("a.jpg",), ()),
        Drawn("stress", "a <b> & more", ("b.jpg",), ("slide 1: <i>",)),
    ]

    page = write_index(tmp_path, sheets).read_text(encoding="utf-8")

    assert page.count("<figure>") == 2
    assert "a &lt;b&gt; &amp; more<small>slide 1: &lt;i&gt;</small>" in page
    assert page.index("stress") < page.index("topo 4:5")
