"""Checks of a finished picture: its bytes, its contrast, and what apps cut off or cover.

Measurements come from the engine's figures; here they are held against what a reader needs.
"""

from io import BytesIO
from typing import Any

from PIL import Image

from carousels.design.backdrop import CONTRAST_LEAST
from carousels.design.document import Document
from carousels.design.engine import Page
from carousels.design.layout import Layout, find_safe_area
from carousels.design.preflight.verdict import Check, Status, judge

BULGE = 32  # px that pills of chrome and the swash of a poster's italics may reach out of the safe area
# What a profile's grid shows of a cover, as width to height: the middle.
GRID_PREVIEWS = {"1:1": (), "4:5": (3 / 4, 1), "9:16": (3 / 4,)}
GROUND_REPAIRS = {
    "scrim": "the veil over the picture had to grow until the words were legible",
    "card": "no veil made the words legible: they were set on a card",
}

Box = tuple[float, float, float, float]


def check_picture(document: Document, page: Page) -> list[Check]:
    """Everything about one finished slide that needs its pixels."""
    checks = [
        _check_bytes(document, page.png),
        *_check_contrast(page),
        *_tell_repairs(page),
        _check_safe_area(document, page),
    ]
    if page.number == 1:
        checks.append(check_grid_preview(document, page.figures.layout))
    return checks


def check_grid_preview(document: Document, layout: Layout) -> Check:
    """Whether the cover's words survive the crop of a profile's grid."""
    words = _find_words(document, layout)
    lost = max((_measure_loss(words, document.size, ratio) for ratio in _previews_of(document)), default=0.0)
    return judge(
        "grid_preview",
        lost <= 0,
        "the preview in a profile's grid shows all words",
        f"the preview in a profile's grid cuts {lost:g} px off the words",
        otherwise=Status.WARNED,
        measured=lost,
        limit=0,
    )


def _check_bytes(document: Document, png: bytes) -> Check:
    width, height = document.size
    expectation: dict[str, Any] = {"limit": [width, height]}
    try:
        with Image.open(BytesIO(png), formats=("PNG",)) as picture:
            size = picture.size
            picture.verify()  # every chunk's checksum; a cut-off file has no end
    except (OSError, SyntaxError, ValueError) as error:
        # What Pillow raises on broken data.
        reason = f"the picture cannot be read: {type(error).__name__}"
        return Check("picture", Status.FAILED, reason, **expectation)
    return judge(
        "picture",
        size == (width, height),
        f"the picture is whole and {width} x {height} px",
        f"the picture is {size[0]} x {size[1]} px",
        measured=list(size),
        **expectation,
    )


def _check_contrast(page: Page) -> list[Check]:
    """At the 2nd percentile of each block of text, or of the slide where it has no blocks."""
    worst: dict[str, float] = {}
    for block in page.figures.blocks:
        worst[block.part] = min(block.contrast, worst.get(block.part, block.contrast))
    blocks = [(f"contrast of the {part}", part, contrast) for part, contrast in worst.items()]
    return [
        judge(
            "contrast",
            contrast >= CONTRAST_LEAST,
            f"{name} is {contrast}",
            f"{name} {contrast} is below {CONTRAST_LEAST}",
            measured=contrast,
            limit=CONTRAST_LEAST,
            part=part,
        )
        for name, part, contrast in blocks or [("contrast", "", page.figures.contrast)]
    ]


def _tell_repairs(page: Page) -> list[Check]:
    return [Check("ground", Status.REPAIRED, GROUND_REPAIRS[repair]) for repair in page.figures.repairs]


def _check_safe_area(document: Document, page: Page) -> Check:
    """Nothing may come near the edge or under the buttons that an app lays over a story."""
    safe, (width, height) = find_safe_area(document.aspect_ratio), document.size
    limit = (
        safe.side - BULGE,
        safe.top - BULGE,
        width - safe.side + BULGE,
        height - safe.bottom + BULGE,
    )
    box = page.figures.box
    return judge(
        "safe_area",
        not any(_find_losses(box, limit)),
        "everything is drawn inside the safe area",
        f"something is drawn outside the safe area: {box}",
        measured=list(box),
        limit=list(limit),
    )


def _previews_of(document: Document) -> tuple[float, ...]:
    return GRID_PREVIEWS[document.aspect_ratio]


def _find_words(document: Document, layout: Layout) -> Box:
    """The rectangle around the fitted words; without boxes, their first line alone."""
    boxes = [fit.box for fit in layout.fits if fit.box is not None]
    if not boxes:
        return (document.size[0] / 2, layout.top, document.size[0] / 2, layout.top)
    return (
        min(left for left, _, _, _ in boxes),
        min(top for _, top, _, _ in boxes),
        max(left + width for left, _, width, _ in boxes),
        max(top + height for _, top, _, height in boxes),
    )


def _measure_loss(words: Box, size: tuple[int, int], ratio: float) -> float:
    """How far in px the words stand out of a centred crop of this ratio, at its worst edge."""
    width, height = size
    kept_width, kept_height = min(width, height * ratio), min(height, width / ratio)
    side, end = (width - kept_width) / 2, (height - kept_height) / 2
    return round(max(_find_losses(words, (side, end, width - side, height - end))), 1)


def _find_losses(box: Box, limit: Box) -> tuple[float, float, float, float]:
    """How far a rectangle reaches over each edge of another; 0 is not at all."""
    return (
        max(0, limit[0] - box[0]),
        max(0, limit[1] - box[1]),
        max(0, box[2] - limit[2]),
        max(0, box[3] - limit[3]),
    )
