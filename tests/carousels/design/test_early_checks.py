"""What is known before the first picture is bought: words, sizes, glyphs, rhythm, posts."""

import json
import time
from dataclasses import replace

import pytest

from carousels.design.document import KINDS
from carousels.design.export.posts import write_posts
from carousels.design.preflight import Status, check_words
from carousels.design.press import Press
from carousels.design.repair import mend
from tests.carousels.design.decks import make_document, make_slide

KINDS_OF_TEN = ("cover", "point", "stat", "list", "quote", "comparison", "steps", "point", "list", "cta")


def make_deck(*kinds: str):
    return make_document(*(make_slide(kind, number) for number, kind in enumerate(kinds, start=1)))


def find_checks(verdict, name: str) -> list:
    return [check for review in verdict.reviews for check in review.checks if check.check == name]


def test_good_words_pass_every_check_and_nothing_is_drawn(monkeypatch):
    monkeypatch.delattr(Press, "draw")

    verdict = check_words(make_deck(*KINDS))

    assert (verdict.passed, verdict.faults, verdict.warnings) == (True, (), ())
    assert [slide["status"] for slide in verdict.slides] == ["passed"] * len(KINDS)
    assert json.loads(json.dumps(verdict.as_dict())) == verdict.as_dict()


def test_missing_glyph_is_known_before_any_picture():
    verdict = check_words(make_document(make_slide("cover", title="ᏣᎳᎩ syllables"), make_slide("cta", 2)))

    assert verdict.faults == ("slide 1: no glyph for U+13A9, U+13B3, U+13E3",)


def test_long_words_are_a_warning_until_they_are_mended():
    document = make_document(make_slide("quote", title="A very long quote. " * 60), make_slide("cta", 2))
    mended = mend(document)

    before, after = check_words(document), check_words(mended.document, repairs=mended.repairs)

    assert [check.status for check in find_checks(before, "shortened")] == [Status.WARNED, Status.PASSED]
    assert [check.status for check in find_checks(after, "shortened")] == [
        Status.PASSED,
        Status.REPAIRED,
        Status.PASSED,
    ]
    assert (before.warnings != (), after.warnings) == (True, ())


def test_a_repair_of_the_whole_deck_is_told_once():
    document = make_document()
    long = replace(document, brand=replace(document.brand, handle="@" + "northlight" * 7))
    mended = mend(long)

    verdict = check_words(mended.document, repairs=mended.repairs)

    [told] = [check for check in verdict.deck if check.status is Status.REPAIRED]
    assert (told.check, told.part, told.measured["from"]) == ("shortened", "handle", long.brand.handle)


@pytest.mark.parametrize(
    ("kinds", "warnings"),
    [
        (("cover", "point", "point", "cta"), ()),
        (("cover", "point", "point", "point", "cta"), ("slides 2 to 4 are all of kind point",)),
        (("list", "list", "list", "cta", "cta", "cta", "cta"), 2 * ("",)),
    ],
)
def test_three_of_a_kind_in_a_row_are_a_warning(kinds, warnings):
    verdict = check_words(make_deck(*kinds))

    assert verdict.passed
    assert len(verdict.warnings) == len(warnings)
    assert [told for told in verdict.warnings if told in warnings] == [told for told in warnings if told]


def test_posts_that_had_to_be_shortened_are_repaired():
    posts = write_posts("One sentence of a caption. " * 20, ("pricing",))

    verdict = check_words(make_document(), posts=posts)

    told = {check.part: check for check in verdict.deck if check.check == "post"}
    repaired = {name for name, check in told.items() if check.status is Status.REPAIRED}
    assert (set(told), repaired) == (set(posts), {"x", "threads"})
    assert (told["x"].measured, told["x"].limit) == (posts["x"].length, 280)
    assert verdict.passed


def test_a_post_over_its_network_s_limit_is_a_fault():
    posts = write_posts("A caption.", ())
    posts["x"] = replace(posts["x"], text="y" * 281, length=281)

    verdict = check_words(make_document(), posts=posts)

    assert verdict.faults == ("the x post has 281 characters, 280 are allowed",)


def test_ten_slides_are_checked_in_a_moment():
    check_words(make_deck(*KINDS_OF_TEN))  # fonts are loaded once a process
    slides = [
        make_slide(kind, number, title=f"Another title, number {number}")
        for number, kind in enumerate(KINDS_OF_TEN, start=1)
    ]
    document = make_document(*slides, title="Other words, so that no cache helps")
    started = time.process_time()

    mended = mend(document)
    verdict = check_words(mended.document, repairs=mended.repairs, layouts=mended.layouts)

    assert verdict.passed
    assert time.process_time() - started < 1.5  # 0.1 to 0.2 s on a quiet machine
