"""Slides over photographs: which panel they get, what is repaired, and that the words are legible."""

import time

import numpy as np
import pytest
from PIL import Image

from carousels.design import backdrop, engine
from carousels.design.document import SIZES
from carousels.design.engine import compose_pdf, compose_slide
from carousels.design.photos.busyness import measure_busyness
from carousels.design.preflight import inspect
from carousels.design.themes import THEMES
from tests.carousels.design.decks import make_document, make_slide, open_image, paint_for
from tests.carousels.design.photographs import as_jpeg, make_foliage, make_plain, make_portrait

WHOLE = (0, 0, 1080, 1350)
BARE = [name for name, theme in THEMES.items() if theme.frame.panel == "bare"]
CARDED = [name for name, theme in THEMES.items() if theme.frame.panel == "card"]


def compose_over(picture: Image.Image, theme: str = "aurora", ratio: str = "4:5", kind: str = "cover"):
    document = make_document(make_slide(kind), make_slide("cta", 2), theme=theme, aspect_ratio=ratio)
    return compose_slide(document, 1, as_jpeg(picture), is_photo=True)


def test_busyness_orders_pictures_as_the_eye_does():
    wall, portrait, foliage = make_plain("#777777"), make_portrait(WHOLE[2:], at=(0.5, 0.5)), make_foliage()

    wall, portrait, foliage = (measure_busyness(picture, WHOLE) for picture in (wall, portrait, foliage))

    assert wall == 0
    assert 0 < portrait < 0.5
    assert foliage > 1


@pytest.mark.parametrize("theme", BARE)
def test_calm_photograph_keeps_the_words_bare(theme):
    figures = compose_over(make_portrait((1080, 1350), at=(0.5, 0.25)), theme).figures

    assert (figures.panel, figures.repairs) == ("bare", ())
    assert figures.scrim > 0
    assert figures.contrast >= 4.5


@pytest.mark.parametrize("theme", BARE)
@pytest.mark.parametrize("picture", [make_foliage(), make_plain("#FDFDFD")], ids=["busy", "pale"])
def test_busy_or_pale_photograph_gets_a_card(picture, theme):
    figures = compose_over(picture, theme).figures

    assert (figures.panel, figures.scrim, figures.repairs) == ("card", 0, ())
    assert figures.contrast >= 4.5


@pytest.mark.parametrize("theme", CARDED)
def test_photograph_of_a_card_theme_keeps_its_light(theme):
    page = compose_over(make_plain("#C8C8C8"), theme)

    levels = np.asarray(open_image(page.background).convert("L"))
    assert page.figures.panel == "card"
    assert abs(float(levels.mean()) - 200) < 25


def test_scrim_on_a_photograph_leaves_no_band():
    page = compose_over(make_plain("#868F98"), "aurora", kind="stat")

    levels = np.asarray(open_image(page.background).convert("L")).astype(float).mean(axis=1)
    slope = np.diff(np.convolve(levels, np.ones(20) / 20, "valid"))
    assert page.figures.panel == "bare"
    assert np.abs(slope).max() < 0.8


@pytest.mark.parametrize("ratio", SIZES)
def test_face_at_the_edge_is_in_the_picture(ratio):
    page = compose_over(make_portrait((1536, 1024), at=(0.85, 0.45), skin="#F2C0A0"), "cutout", ratio)

    pixels = np.asarray(open_image(page.background).resize((54, 54))).astype(int)
    assert ((pixels[..., 0] - pixels[..., 2]) > 50).any()


@pytest.mark.parametrize("ratio", SIZES)
def test_face_is_seen_above_a_sheet(ratio):
    page = compose_over(make_portrait((1200, 1200), at=(0.5, 0.7), skin="#F2C0A0"), "editorial", ratio)

    seen = open_image(page.background).crop((0, 0, 1080, round(page.figures.layout.top) - engine.SHEET_HEAD))
    red, _, blue = np.median(np.asarray(seen.resize((27, 9)))[3:7, 12:15].reshape(-1, 3), axis=0)
    assert red - blue > 40


def test_words_that_no_scrim_saves_are_set_on_a_card(monkeypatch):
    monkeypatch.setattr(backdrop, "GROWTH", (0.0,))
    monkeypatch.setattr(backdrop, "solve_scrim", lambda art, colors, zones: np.zeros(33))
    monkeypatch.setattr(engine, "wants_card", lambda picture, box, theme: False)

    figures = compose_over(make_plain("#FFFFFF")).figures

    assert (figures.panel, figures.repairs) == ("card", ("scrim", "card"))
    assert figures.contrast >= 4.5


def test_scrim_that_grew_is_noted(monkeypatch):
    weak = np.full(33, 0.05)
    monkeypatch.setattr(backdrop, "solve_scrim", lambda art, colors, zones: weak)

    figures = compose_over(make_plain("#8A8F94")).figures

    assert (figures.panel, figures.repairs) == ("bare", ("scrim",))
    assert figures.scrim > 0.05


def test_pages_on_cards_and_their_pdf_pass_preflight():
    document = make_document(theme="aurora", aspect_ratio="4:5")
    pages = [compose_slide(document, number, as_jpeg(make_foliage()), is_photo=True) for number in (1, 2)]

    panels = [page.figures.panel for page in pages]
    pdf = compose_pdf(document, [page.background for page in pages], panels=panels)

    assert panels == ["card", "card"]
    assert inspect(document, pages, pdf).faults == ()


def test_painted_art_is_neither_graded_nor_cropped():
    document = make_document(theme="cutout", aspect_ratio="4:5")
    art = paint_for(document, 1)

    background = open_image(compose_slide(document, 1, art).background)

    off = np.asarray(background).astype(int) - np.asarray(open_image(art).convert("RGB"))
    assert np.abs(off).mean() < 1


def test_slide_over_a_photograph_is_cheap():
    picture = make_portrait((1024, 1536), at=(0.5, 0.3))
    compose_over(picture)
    started = time.process_time()

    compose_over(picture)

    assert time.process_time() - started < 1.5  # 0.2 s on a machine of its own
