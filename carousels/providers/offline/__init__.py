"""The provider that needs no key and no network: a deterministic copywriter and drawn art.

It says nothing that it cannot know: every figure, name and claim comes from the brief; its own
sentences are questions, craft and encouragement. How it reads and writes stands beside.
"""

from dataclasses import replace
from decimal import Decimal

from carousels.brief import Brief
from carousels.languages import UNSPACED, words
from carousels.providers.base import Correction, ImageRequest, Picture, SlidePlan, Strategy, Usage
from carousels.providers.offline.middle import Middle, arrange
from carousels.providers.offline.phrases import Dice, PhraseBook, open_book
from carousels.providers.offline.points import Point
from carousels.providers.offline.post import choose_hashtags, write_post
from carousels.providers.offline.reading import Reading, read
from carousels.providers.offline.scenes import Look, choose_look, describe_picture, describe_slide
from carousels.providers.offline.selection import PLAIN_TALK
from carousels.providers.offline.text import CAPTION_MAX, TITLE_MAX, capitalise, cut, plain
from carousels.providers.offline.titles import emphasise

FREE = Decimal("0")


class Offline:
    """What the two have in common: no network, no price, nobody to share with."""

    name = "offline"
    max_retries = 3
    concurrency = None

    def expected_cost(self, _) -> Decimal:
        return FREE

    def require_model(self) -> None:
        """It is here."""


class OfflineText(Offline):
    """Writes a strategy out of the brief's own words and a phrase book; the same brief, the same words."""

    model = "offline-copywriter-1"
    timeout = 5.0
    queue = "ai"

    def write_strategy(
        self, brief: Brief, *, end_user: str = "", correction: Correction | None = None
    ) -> tuple[Strategy, Usage]:
        reading, dice = read(brief), Dice.of(brief)
        book = open_book(reading.language)
        reading = _settle(reading, book)
        middle = arrange(reading=reading, book=book, dice=dice, room=brief.image_count - 2)

        headline = _write_headline(reading, book, dice, middle)
        look = choose_look(brief.styles, reading, dice)
        cover = _write_cover(headline, reading, book, dice, middle)
        ending = _write_ending(reading, book, dice)
        slides = _finish([cover, *map(_as_slide, middle.slides), ending], brief, reading, book, dice, look)

        tags = choose_hashtags(reading, book)
        post = write_post(
            headline=headline,
            lead=cover.caption,
            shown=middle.shown,
            ending=ending if reading.purpose else None,
            reading=reading,
            book=book,
            dice=dice,
            tags=tags,
        )
        strategy = Strategy(
            title=plain(headline),
            slides=slides,
            final_caption=post,
            hashtags=tags,
            visual_theme=look.theme,
            language=reading.language,
            palette=look.palette,
        )
        return strategy, Usage(self.name, self.model, FREE)


class OfflineArt(Offline):
    """Draws the theme's art for one slide; the slides of one carousel share a seed and so one picture."""

    model = "offline-art-1"
    timeout = 60.0
    queue = "render"

    def paint(self, request: ImageRequest, *, end_user: str = "") -> tuple[Picture, Usage]:
        # numpy and Pillow stay out of the web process, which imports providers to name them.
        from carousels.design import art
        from carousels.design.look import dress

        data = art.paint(
            look=dress(request.theme, palette=request.palette, colors=request.colors),
            seed_text=request.seed_text,
            number=request.number,
            total=request.total,
            aspect_ratio=request.aspect_ratio,
        )
        return Picture(data, "image/jpeg", is_photo=False), Usage(self.name, self.model, FREE)


def _settle(reading: Reading, book: PhraseBook) -> Reading:
    """A "how to" whose field the book knows is answered with that field's advice."""
    is_open = reading.kind == "steps" and not reading.count and not reading.key_points
    return replace(reading, kind="way") if is_open and book.advice(reading.family) else reading


def _write_headline(reading: Reading, book: PhraseBook, dice: Dice, middle: Middle) -> str:
    headline = reading.headline if middle.keeps_promise else reading.uncounted
    is_bare = reading.kind == "other" and reading.topic.casefold() == headline.casefold()
    hooks = book.purpose(reading.purpose).get("hooks") or book["hooks"]
    if is_bare and hooks:
        hook = dice.pick(hooks, "hook")
        topic = headline if hook.startswith(("{topic}", "*{topic}")) else reading.topic
        if len(filled := hook.replace("{topic}", topic)) <= TITLE_MAX:
            return filled
    return headline if reading.language in UNSPACED else emphasise(headline, reading)


def _write_cover(headline: str, reading: Reading, book: PhraseBook, dice: Dice, middle: Middle) -> SlidePlan:
    """The purpose opens, in its tone; where neither is known, the kind of promise does."""
    is_plain_talk = reading.kind in PLAIN_TALK  # news and stories open in their own way
    purpose = {} if is_plain_talk else book.purpose(reading.purpose)
    tone = {} if is_plain_talk else book.tone(reading.tone)
    captions = purpose.get("covers") or tone.get("covers") or book.of_kind("covers", reading.kind)
    caption = dice.pick(captions, "cover")
    if not middle.slides and middle.shown:
        caption = cut(" · ".join(middle.shown), limit=CAPTION_MAX)[0]  # no other slide to say it on

    kicker = tone.get("kicker") or purpose.get("kicker") or book.of_kind("kickers", reading.kind)
    if reading.audience:
        kicker = book["kickers"]["audience"].replace("{audience}", reading.audience)
    return _slide("cover", headline, caption, kicker=kicker)


def _write_ending(reading: Reading, book: PhraseBook, dice: Dice) -> SlidePlan:
    endings = book.purpose(reading.purpose).get("endings")
    if endings and reading.kind not in {"announcement", "greeting"}:
        title, caption, button = dice.pick(endings, "ending")
    else:
        title, *_, caption = dice.pick(book.of_kind("endings", reading.kind), "ending")
        button = words(reading.language).button
    return _slide("cta", title, caption, button=button)


def _as_slide(point: Point) -> SlidePlan:
    return replace(
        _slide(point.kind, point.title, point.caption),
        index=point.index,
        items=point.items,
        against=point.against,
        labels=point.labels,
        stat=point.stat,
        author=point.author,
        role=point.role,
    )


def _slide(kind: str, title: str, caption: str, *, kicker: str = "", button: str = "") -> SlidePlan:
    return SlidePlan(0, kind, title, caption, image_prompt="", alt_text="", kicker=kicker, button=button)


def _finish(slides, brief: Brief, reading: Reading, book: PhraseBook, dice: Dice, look: Look):
    """Number the slides and describe each for the image model and for the screen reader."""
    subject = capitalise(reading.topic) or reading.uncounted
    finished = []
    for number, slide in enumerate(slides, start=1):
        slide = replace(slide, number=number)
        picture = describe_picture(
            slide, subject=subject, family=reading.family, styles=brief.styles, dice=dice
        )
        spoken = describe_slide(
            slide, total=len(slides), theme=look.theme, book=book, language=reading.language
        )
        finished.append(replace(slide, image_prompt=picture, alt_text=spoken))
    return tuple(finished)
