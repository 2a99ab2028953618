"""Mends words that cannot be set as they are, and says what it changed: nothing is cut in silence.

What the templates would cut ends at a sentence, a clause or a word; what no font shows gets a plain form
or is left out if it adorns. Wants no picture, so it comes before the first one is bought.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from carousels.design.document import Document, Slide
from carousels.design.layout import Layout, describe, list_families
from carousels.design.press import open_press
from carousels.design.repair.characters import make_settable
from carousels.design.repair.places import Place, is_label, list_fitted, read_texts, write_texts
from carousels.design.repair.shortening import (
    count_shown,
    ends_inside_a_figure,
    hyphenate,
    read_letters,
    shorten,
)
from carousels.design.text.hygiene import LABEL_LIMIT, clean

OVERFLOW_MOST = 1.0  # px that words may stand out of their place
OVERFLOW_SHARE = 0.85  # of its words that the longest text of a slide keeps when the slide overflows
ROUNDS = 6  # a title that got shorter may leave its caption more room, or less
EXCERPT, GAP = 300, " […] "  # characters of a text in a repair; what stands for its middle

Kind = Literal["shortened", "hyphenated", "dropped_characters"]


@dataclass(frozen=True)
class Repair:
    """One change of words: `slide` is None for what stands on every slide. Long texts are excerpts."""

    slide: int | None
    field: str
    kind: Kind
    before: str
    after: str

    def as_dict(self) -> dict[str, object]:
        """JSON-ready."""
        return {
            "slide": self.slide,
            "field": self.field,
            "kind": self.kind,
            "from": self.before,
            "to": self.after,
        }


@dataclass(frozen=True)
class Mended:
    """The document that can be set, the very same one if it already could; and what was changed.

    `layouts` are its slides as they were measured last: preflight need not measure them again.
    """

    document: Document
    repairs: tuple[Repair, ...]
    layouts: tuple[Layout, ...]


def mend(document: Document) -> Mended:
    """Words that can be shown whole, as far as that can be had; preflight tells what could not."""
    settable, dropped = _drop_characters(document)
    fitting, shortened, layouts = _shorten_long(settable)
    repairs = (*_tell_dropped(dropped), *_tell_fitted(shortened))
    return Mended(fitting, tuple(sorted(repairs, key=lambda repair: repair.slide or 0)), layouts)


Change = tuple[str, str]


def _drop_characters(document: Document) -> tuple[Document, dict[Place, Change]]:
    families = list_families(document)
    changes = {}
    for place, text in read_texts(document).items():
        settable = make_settable(text, families)
        if settable != text:
            changes[place] = (text, settable)
    return _apply(document, changes), changes


def _shorten_long(document: Document) -> tuple[Document, dict[Place, Change], tuple[Layout, ...]]:
    """Measure, shorten what was cut, and again until every word is shown or nothing more can be done."""
    original = read_texts(document)
    layouts = {layout.number: layout for layout in _measure(document, document.slides)}
    for _ in range(ROUNDS):
        changes = _find_changes(document, layouts.values())
        if not changes:
            break
        document = _apply(document, changes)
        touched = {place.slide for place in changes}
        slides = [slide for slide in document.slides if None in touched or slide.number in touched]
        layouts |= {layout.number: layout for layout in _measure(document, slides)}
    now = read_texts(document)
    changes = {place: (text, now[place]) for place, text in original.items() if text != now[place]}
    return document, changes, tuple(layouts.values())


def _measure(document: Document, slides: Sequence[Slide]) -> list[Layout]:
    with open_press(describe(document, slides, [None] * len(slides))) as press:
        return press.measure()


def _find_changes(document: Document, layouts: Iterable[Layout]) -> dict[Place, Change]:
    """A shorter text for each that is cut; of one that stands on several slides, the shortest."""
    texts = read_texts(document)
    changes: dict[Place, Change] = {}
    for layout in layouts:
        cut = _list_cut(document, layout, texts)
        ended = {place: _end(place, texts[place], count_shown(texts[place], shown)) for place, shown in cut}
        for place, text in (ended or _relieve(document, layout, texts)).items():
            if text != texts[place] and (place not in changes or len(text) < len(changes[place][1])):
                changes[place] = (texts[place], text)
    return changes


def _list_cut(document: Document, layout: Layout, texts: Mapping[Place, str]) -> list[tuple[Place, str]]:
    """Each text of this slide that is cut, with what is shown of it."""
    slide = document.slide(layout.number)
    fitted = zip(list_fitted(slide, layout), layout.fits, strict=True)
    found = [(place, fit.shown) for place, fit in fitted if fit.clipped and place in texts]
    for cut in layout.cuts:
        line = read_letters(cut.before)
        found += [
            (place, cut.after)
            for place, text in texts.items()
            if place.slide in (None, slide.number)
            and is_label(place)
            and read_letters(clean(text, limit=LABEL_LIMIT)) == line
        ]
    return found


def _relieve(document: Document, layout: Layout, texts: Mapping[Place, str]) -> dict[Place, str]:
    """Where words overflow though each text fits: places to break, else less of the text that helps most.

    Which one that is, is tried; among equals it is the longest.
    """
    places = [place for place in list_fitted(document.slide(layout.number), layout) if place in texts]
    if layout.overflow <= OVERFLOW_MOST or not places:
        return {}
    broken = {place: hyphenate(texts[place]) for place in places}
    if any(broken[place] != texts[place] for place in places):
        return broken

    shorter = {place: _end(place, texts[place], int(len(texts[place]) * OVERFLOW_SHARE)) for place in places}
    trials = [write_texts(document, {place: shorter[place]}).slide(layout.number) for place in places]
    overflows = [trial.overflow for trial in _measure(document, trials)]
    ranks = {place: (overflow, -len(texts[place])) for place, overflow in zip(places, overflows, strict=True)}
    best = min(ranks, key=ranks.__getitem__)
    return {best: shorter[best]}


def _end(place: Place, text: str, room: int) -> str:
    if place.field == "stat" and ends_inside_a_figure(text, room):
        return text
    return shorten(text, room)


def _apply(document: Document, changes: Mapping[Place, Change]) -> Document:
    return write_texts(document, {place: after for place, (_, after) in changes.items()})


def _tell_dropped(changes: Mapping[Place, Change]) -> list[Repair]:
    return [_tell(place, "dropped_characters", change) for place, change in changes.items()]


def _tell_fitted(changes: Mapping[Place, Change]) -> list[Repair]:
    return [
        _tell(place, "hyphenated" if read_letters(before) == read_letters(after) else "shortened", change)
        for place, change in changes.items()
        for before, after in [change]
    ]


def _tell(place: Place, kind: Kind, change: Change) -> Repair:
    before, after = change
    return Repair(place.slide, place.name, kind, _excerpt(before), _excerpt(after))


def _excerpt(text: str) -> str:
    """Beginning and end of a long text: where it ends is what was changed."""
    if len(text) <= EXCERPT:
        return text
    half = (EXCERPT - len(GAP)) // 2
    return text[:half] + GAP + text[-half:]
