"""Pages kept under their fingerprint: the same one back, none from broken notes, none drawn twice."""

import uuid

import pytest
from django.core.files.storage import default_storage

from carousels import composing, pages
from carousels.design import engine
from jobs.models import GenerationJob
from tests import factories
from tests.carousels.design.decks import compose, make_document

CAROUSEL, NAME = uuid.UUID(int=7), "f" * 64


@pytest.fixture(scope="module")
def page():
    drawn, _pdf = compose(make_document(theme="aurora"))
    return drawn[0]


def test_kept_page_comes_back_as_it_was(page):
    pages.keep(carousel_id=CAROUSEL, fingerprint=NAME, page=page)

    assert pages.find(carousel_id=CAROUSEL, fingerprint=NAME, number=page.number) == page


def test_page_nobody_kept_is_not_found():
    assert pages.find(carousel_id=CAROUSEL, fingerprint=NAME, number=1) is None


@pytest.mark.parametrize("notes", [b"", b"{", b"[]", b'{"figures": {}}', b"\xff"])
def test_broken_notes_are_no_page_and_are_written_anew(page, tmp_path, notes):
    pages.keep(carousel_id=CAROUSEL, fingerprint=NAME, page=page)
    [index] = tmp_path.rglob(f"page-{NAME}.json")
    index.write_bytes(notes)

    found = pages.find(carousel_id=CAROUSEL, fingerprint=NAME, number=1)
    pages.keep(carousel_id=CAROUSEL, fingerprint=NAME, page=page)

    assert found is None
    assert pages.find(carousel_id=CAROUSEL, fingerprint=NAME, number=1) == page


def test_page_with_a_lost_file_is_not_found(page):
    keys = pages.keep(carousel_id=CAROUSEL, fingerprint=NAME, page=page)
    default_storage.delete(keys["background"])

    assert pages.find(carousel_id=CAROUSEL, fingerprint=NAME, number=1) is None


@pytest.mark.parametrize("part", ["png", "background"])
def test_page_with_a_damaged_file_is_not_found_until_it_is_kept_anew(page, tmp_path, part):
    keys = pages.keep(carousel_id=CAROUSEL, fingerprint=NAME, page=page)
    [kept] = tmp_path.rglob(keys[part].rpartition("/")[2])
    kept.write_bytes(kept.read_bytes()[:1000])

    found = pages.find(carousel_id=CAROUSEL, fingerprint=NAME, number=1)
    pages.keep(carousel_id=CAROUSEL, fingerprint=NAME, page=page)

    assert found is None
    assert pages.find(carousel_id=CAROUSEL, fingerprint=NAME, number=1) == page


def test_only_the_slide_that_changed_is_drawn_again(user, monkeypatch):
    carousel = factories.work_off(factories.job(user, imageCount=3)).carousel
    slides = list(carousel.slides.order_by("number"))
    before = composing.compose(carousel=carousel, slides=slides)
    drawn = []
    compose_slide = engine.compose_slide
    monkeypatch.setattr(
        engine,
        "compose_slide",
        lambda document, number, *art, **how: (
            drawn.append(number) or compose_slide(document, number, *art, **how)
        ),
    )
    slides[1].title = "Another thought"

    after = composing.compose(carousel=carousel, slides=slides)

    assert drawn == [2]
    assert [new == old for new, old in zip(after.slides, before.slides, strict=True)] == [True, False, True]
    assert GenerationJob.objects.count() == 1
