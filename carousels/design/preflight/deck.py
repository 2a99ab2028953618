"""Checks of the carousel as a whole: its pages, its rhythm, the posts that go with it."""

from collections.abc import Iterable, Mapping
from itertools import groupby

from carousels.design.document import SLIDES_MAX, SLIDES_MIN, Document
from carousels.design.export.posts import Post
from carousels.design.preflight.verdict import Check, Status, judge

ALIKE_MOST = 2  # slides of one kind in a row


def check_deck(document: Document, posts: Mapping[str, Post]) -> list[Check]:
    """What can be said of a deck without its pictures."""
    return [_check_length(document), *_check_variety(document), *map(_check_post, posts, posts.values())]


def check_counts(document: Document, numbers: Iterable[int], sheets: int) -> list[Check]:
    """Whether pictures and PDF pages are the slides that were asked for."""
    wanted, numbers = [slide.number for slide in document.slides], list(numbers)
    return [
        judge(
            "pages",
            numbers == wanted,
            f"all {len(wanted)} slides are there",
            f"pages {numbers} instead of {wanted}",
            measured=numbers,
            limit=wanted,
        ),
        judge(
            "pdf_pages",
            sheets == len(wanted),
            f"the PDF has {sheets} pages",
            f"the PDF has {sheets} pages instead of {len(wanted)}",
            measured=sheets,
            limit=len(wanted),
        ),
    ]


def _check_length(document: Document) -> Check:
    count = len(document.slides)
    return judge(
        "length",
        SLIDES_MIN <= count <= SLIDES_MAX,
        f"the carousel has {count} slides",
        f"the carousel has {count} slides, it may have {SLIDES_MIN} to {SLIDES_MAX}",
        measured=count,
        limit=SLIDES_MAX,
    )


def _check_variety(document: Document) -> list[Check]:
    """Three alike in a row tire a reader; it is no reason to hold a carousel back."""
    runs = [(kind, list(slides)) for kind, slides in groupby(document.slides, lambda slide: slide.kind)]
    longest = max(len(slides) for _, slides in runs)
    tiring = [
        f"slides {slides[0].number} to {slides[-1].number} are all of kind {kind}"
        for kind, slides in runs
        if len(slides) > ALIKE_MOST
    ]
    figures = {"measured": longest, "limit": ALIKE_MOST}
    if not tiring:
        return [Check("variety", Status.PASSED, "the kinds of slides change often enough", **figures)]
    return [Check("variety", Status.WARNED, message, **figures) for message in tiring]


def _check_post(network: str, post: Post) -> Check:
    figures = {"measured": post.length, "limit": post.limit, "part": network}
    if post.length > post.limit:
        message = f"the {network} post has {post.length} characters, {post.limit} are allowed"
        return Check("post", Status.FAILED, message, **figures)
    if post.shortened:
        message = f"the {network} post was too long and is shortened to {post.length} characters"
        return Check("post", Status.REPAIRED, message, **figures)
    return Check("post", Status.PASSED, f"the {network} post has {post.length} characters", **figures)
