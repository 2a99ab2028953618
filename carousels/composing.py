"""From a carousel's rows to finished files: the bridge between content and the design engine.

Slow (the processor's work of a job): never called inside a transaction. Writes files, no rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from carousels import files, languages
from carousels.authoring import FinishedSlide
from carousels.design import document as design
from carousels.models import Carousel, Slide
from carousels.providers.base import ImageRequest


class PreflightFailed(Exception):
    """The finished pages did not pass; `verdict` says what, per slide."""

    def __init__(self, verdict: dict[str, Any]) -> None:
        super().__init__(", ".join(verdict["faults"]))
        self.verdict = verdict


class Undrawable(Exception):
    """Words that make no document, or a picture that cannot be opened: a provider's fault, not the page's."""


@dataclass(frozen=True)
class Composition:
    slides: tuple[FinishedSlide, ...]
    pdf_key: str
    verdict: dict[str, Any]


def compose(*, carousel: Carousel, slides: Sequence[Slide]) -> Composition:
    """Set the words on the art, page by page, then the PDF once. `slides` in order, all with art."""
    # Typst, numpy and Pillow stay out of the web process, which imports this module too.
    from carousels.design import engine, preflight
    from carousels.design.picture import UnreadablePicture

    try:
        document = document_of(carousel=carousel, slides=slides)
        pages = [_compose_page(document, slide) for slide in slides]
    except (design.InvalidDocument, UnreadablePicture) as error:
        raise Undrawable(str(error)) from error
    pdf = engine.compose_pdf(document, [page.background for page in pages])
    verdict = preflight.inspect(document, pages, pdf)
    if not verdict.passed:
        raise PreflightFailed(verdict.as_dict())
    finished = tuple(_store(carousel, page) for page in pages)
    pdf_key = files.store(carousel_id=carousel.pk, name="carousel.pdf", data=pdf)
    return Composition(slides=finished, pdf_key=pdf_key, verdict=verdict.as_dict())


def check_picture(data: bytes, *, aspect_ratio: str) -> None:
    """Open a picture as composing will, where a model that gave none can still be asked again."""
    from carousels.design.picture import UnreadablePicture, open_picture

    try:
        open_picture(data, aspect_ratio)
    except UnreadablePicture as error:
        raise Undrawable(str(error)) from error


def document_of(*, carousel: Carousel, slides: Sequence[Slide]) -> design.Document:
    """The design engine's own value for a carousel's rows. Raises InvalidDocument."""
    words = languages.words(carousel.language)
    return design.Document(
        title=carousel.title,
        language=carousel.language,
        theme=carousel.theme,
        palette=carousel.palette,
        aspect_ratio=carousel.aspect_ratio,
        words=design.Words(swipe=words.swipe, follow=words.follow, save=words.save, share=words.share),
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


def _compose_page(document: design.Document, slide: Slide):
    from carousels.design import engine

    is_photo = slide.art_source.get("isPhoto", False)
    return engine.compose_slide(document, slide.number, _open_art(document, slide), is_photo=is_photo)


def _open_art(document: design.Document, slide: Slide) -> bytes:
    """The slide's picture; art of ours that was drawn for another ratio or look is drawn for this one."""
    from carousels.design import art

    source = slide.art_source
    if "seed" not in source or _is_drawn_for(source, slide.carousel):
        return files.read(slide.art_key)
    return art.paint(
        look=document.look,
        seed_text=source["seed"],
        number=slide.number,
        total=len(document.slides),
        aspect_ratio=document.aspect_ratio,
    )


def _is_drawn_for(source: dict[str, Any], carousel: Carousel) -> bool:
    return (source["theme"], source["palette"], source["colors"], source["aspectRatio"]) == (
        carousel.theme,
        carousel.palette,
        list(carousel.brand.get("colors", ())),
        carousel.aspect_ratio,
    )


def _store(carousel: Carousel, page) -> FinishedSlide:
    def keep(name: str, data: bytes) -> str:
        return files.store(carousel_id=carousel.pk, name=name, data=data)

    return FinishedSlide(
        number=page.number,
        image_key=keep(f"slide-{page.number:02d}.png", page.png),
        jpeg_key=keep(f"slide-{page.number:02d}.jpg", page.jpeg),
        thumbnail_key=keep(f"thumbnail-{page.number:02d}.jpg", page.thumbnail),
    )


def _freeze(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
