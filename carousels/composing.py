"""From a carousel's rows to finished files: the bridge between content and the design engine.

Slow (the processor's work of a job): never called inside a transaction. Writes files, no rows. Typst,
numpy and Pillow stay out of the web process, which imports this module too: hence the late imports.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, fields, replace
from typing import Any

from carousels import authoring, brands, files, languages
from carousels.authoring import FinishedSlide
from carousels.brief import Brief
from carousels.design import document as design
from carousels.models import Carousel, Slide
from carousels.providers.base import ImageRequest, SlidePlan, Strategy

PREVIEW_SIDE = 540  # pixels: enough to watch a carousel grow, too few to publish it unpaid


class PreflightFailed(Exception):
    """The carousel did not pass; `verdict` says what, per slide."""

    def __init__(self, verdict: dict[str, Any]) -> None:
        super().__init__(", ".join(verdict["faults"]))
        self.verdict = verdict


class Undrawable(Exception):
    """Words that make no document, or a picture that cannot be opened: a provider's fault, not the page's."""


@dataclass(frozen=True)
class Composition:
    """Finished files, what preflight found, and the caption for each network."""

    slides: tuple[FinishedSlide, ...]
    pdf_key: str
    verdict: dict[str, Any]
    captions: dict[str, str] = field(default_factory=dict)


def proofread(
    *, carousel: Carousel, brief: Brief, strategy: Strategy
) -> tuple[Strategy, list[dict[str, Any]]]:
    """The words as they can be set, and what was changed about them, before any picture is bought.

    Raises Undrawable, or PreflightFailed when mending was not enough.
    """
    from carousels.design import preflight, repair
    from carousels.design.export import posts

    draft = copy(carousel)
    slides = authoring.draft(carousel=draft, brief=brief, strategy=strategy)
    try:
        mended = repair.mend(document_of(carousel=draft, slides=slides))
    except design.InvalidDocument as error:
        raise Undrawable(str(error)) from error
    written = posts.write_posts(strategy.final_caption, strategy.hashtags)
    verdict = preflight.check_words(
        mended.document, posts=written, repairs=mended.repairs, layouts=mended.layouts
    )
    if not verdict.passed:
        raise PreflightFailed(verdict.as_dict())
    plans = [
        _take_over(plan, leaf) for plan, leaf in zip(strategy.slides, mended.document.slides, strict=True)
    ]
    return replace(strategy, slides=tuple(plans)), [change.as_dict() for change in mended.repairs]


def make_preview(data: bytes, *, aspect_ratio: str) -> bytes:
    """A picture as a small JPEG; opened as composing will, while its model can still be asked again."""
    from carousels.design.backdrop import encode_jpeg
    from carousels.design.photos.picture import UnreadablePicture, open_picture

    try:
        picture = open_picture(data, aspect_ratio)
    except UnreadablePicture as error:
        raise Undrawable(str(error)) from error
    picture.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE), reducing_gap=2.0)
    return encode_jpeg(picture, quality=80)


def compose(*, carousel: Carousel, slides: Sequence[Slide]) -> Composition:
    """Set the words on the art, page by page, then the PDF once. `slides` in order, all with art."""
    from carousels import pages
    from carousels.design import engine, preflight, repair
    from carousels.design.export import posts
    from carousels.design.photos.picture import UnreadablePicture

    try:
        mended = repair.mend(document_of(carousel=carousel, slides=slides))
        made = [_make_page(mended.document, carousel, slide) for slide in slides]
    except (design.InvalidDocument, UnreadablePicture) as error:
        raise Undrawable(str(error)) from error
    pdf = engine.compose_pdf(
        mended.document,
        [page.background for page in made],
        panels=[page.figures.panel for page in made],
        made_at=carousel.created_at,
    )
    written = posts.write_posts(carousel.final_caption or "", tuple(carousel.hashtags))
    verdict = preflight.inspect(mended.document, made, pdf, posts=written, repairs=mended.repairs).as_dict()
    if not verdict["passed"]:
        raise PreflightFailed(verdict)
    finished = [_name(page.number, pages.store(carousel_id=carousel.pk, page=page)) for page in made]
    pdf_key = files.store(carousel_id=carousel.pk, name="carousel.pdf", data=pdf)
    return Composition(
        slides=tuple(finished),
        pdf_key=pdf_key,
        verdict=verdict,
        captions={network: post.text for network, post in written.items()},
    )


def document_of(*, carousel: Carousel, slides: Sequence[Slide]) -> design.Document:
    """The design engine's own value for a carousel's rows. Raises InvalidDocument."""
    frame = languages.words(carousel.language)
    words = {word.name: getattr(frame, word.name) for word in fields(design.Words)}
    return design.Document(
        title=carousel.title,
        language=carousel.language,
        theme=carousel.theme,
        palette=carousel.palette,
        brand=brands.brand_from(carousel.brand),
        watermark=carousel.brand.get("watermark", ""),
        aspect_ratio=carousel.aspect_ratio,
        words=design.Words(**words),
        slides=tuple(
            design.Slide(
                number=slide.number,
                kind=slide.kind,
                title=slide.title,
                caption=slide.caption,
                alt_text=slide.alt_text,
                **{name: _freeze(value) for name, value in slide.content.items()},
            )
            for slide in slides
        ),
    )


def source_of_drawn(request: ImageRequest) -> dict[str, Any]:
    """What the engine's own art was drawn for: with other values it is drawn again, not cropped."""
    return {
        "seed": request.seed_text,
        "theme": request.theme,
        "palette": request.palette,
        "colors": list(request.colors),
        "aspectRatio": request.aspect_ratio,
    }


def _make_page(document: design.Document, carousel: Carousel, slide: Slide):
    """The slide's page; one that was drawn before is found again by what decides its pixels."""
    from carousels import pages
    from carousels.design import engine, fingerprint
    from carousels.design.export import xmp

    source = slide.art_source
    is_photo = source.get("isPhoto", False)
    packet = xmp.describe_page(
        title=slide.plain_title, alt_text=slide.alt_text, language=carousel.language, is_ai=is_photo
    )
    drawn_for = _drawn_for(carousel) if "seed" in source else {}
    identity = _digest([slide.art_key, source.get("seed"), drawn_for, packet.decode()])
    name = fingerprint.fingerprint(document, slide.number, art_sha256=identity, is_photo=is_photo)
    page = pages.find(carousel_id=carousel.pk, fingerprint=name, number=slide.number)
    if page is None:
        art = _open_art(document, carousel, slide)
        page = engine.compose_slide(document, slide.number, art, is_photo=is_photo)
        png, jpeg = xmp.add_to_png(page.png, packet), xmp.add_to_jpeg(page.jpeg, packet)
        page = replace(page, png=png, jpeg=jpeg)
        pages.keep(carousel_id=carousel.pk, fingerprint=name, page=page)
    return page


def _open_art(document: design.Document, carousel: Carousel, slide: Slide) -> bytes:
    """The slide's picture; art of ours that was drawn for another ratio or look is drawn for this one."""
    from carousels.design import art

    source = slide.art_source
    if "seed" not in source or source == source | _drawn_for(carousel):
        return files.read(slide.art_key)
    return art.paint(
        look=document.look,
        seed_text=source["seed"],
        number=slide.number,
        total=len(document.slides),
        aspect_ratio=document.aspect_ratio,
    )


def _drawn_for(carousel: Carousel) -> dict[str, Any]:
    return {
        "theme": carousel.theme,
        "palette": carousel.palette,
        "colors": list(carousel.brand.get("colors", ())),
        "aspectRatio": carousel.aspect_ratio,
    }


def _take_over(plan: SlidePlan, leaf: design.Slide) -> SlidePlan:
    """The plan with the words of the mended slide."""
    shared = {part.name for part in fields(SlidePlan)} & {part.name for part in fields(design.Slide)}
    return replace(plan, **{name: getattr(leaf, name) for name in shared})


def _name(number: int, keys: Mapping[str, str]) -> FinishedSlide:
    return FinishedSlide(
        number=number, image_key=keys["png"], jpeg_key=keys["jpeg"], thumbnail_key=keys["thumbnail"]
    )


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _freeze(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
