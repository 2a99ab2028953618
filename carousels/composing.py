"""From a carousel's rows to finished files: the bridge between content and the design engine.

Slow (the processor's work of a job): never called inside a transaction. Writes files, no rows.
"""

from dataclasses import dataclass
from typing import Any

from carousels import files, languages
from carousels.authoring import FinishedSlide
from carousels.models import Carousel, Slide


class PreflightFailed(Exception):
    """The finished pages did not pass; `verdict` says what, per slide."""

    def __init__(self, verdict: dict[str, Any]) -> None:
        super().__init__(", ".join(verdict["faults"]))
        self.verdict = verdict


@dataclass(frozen=True)
class Composition:
    slides: tuple[FinishedSlide, ...]
    pdf_key: str
    verdict: dict[str, Any]


def compose(*, carousel: Carousel, slides: list[Slide]) -> Composition:
    """Set the words on the art, page by page, then the PDF once. `slides` in order, all with art."""
    # Typst, numpy and Pillow stay out of the web process, which imports this module too.
    from carousels.design import engine, preflight

    document = document_of(carousel=carousel, slides=slides)
    pages = [engine.compose_slide(document, slide.number, files.read(slide.art_key)) for slide in slides]
    pdf = engine.compose_pdf(document, [page.background for page in pages])
    verdict = preflight.inspect(document, pages, pdf)
    if not verdict.passed:
        raise PreflightFailed(verdict.as_dict())
    finished = tuple(
        FinishedSlide(
            number=slide.number,
            image_key=files.store(
                carousel_id=carousel.pk, name=f"slide-{slide.number:02d}.png", data=page.png
            ),
            thumbnail_key=files.store(
                carousel_id=carousel.pk, name=f"thumbnail-{slide.number:02d}.jpg", data=page.thumbnail
            ),
        )
        for slide, page in zip(slides, pages, strict=True)
    )
    pdf_key = files.store(carousel_id=carousel.pk, name="carousel.pdf", data=pdf)
    return Composition(slides=finished, pdf_key=pdf_key, verdict=verdict.as_dict())


def document_of(*, carousel: Carousel, slides: list[Slide]):
    """The design engine's own value (`design.document.Document`) for a carousel's rows."""
    from carousels.design import document

    words = languages.words(carousel.language)
    return document.Document(
        title=carousel.title,
        language=carousel.language,
        theme=carousel.theme,
        aspect_ratio=carousel.aspect_ratio,
        words=document.Words(swipe=words.swipe, follow=words.follow, save=words.save, share=words.share),
        slides=tuple(
            document.Slide(
                number=slide.number,
                kind=slide.kind,
                title=slide.title,
                caption=slide.caption,
                **{name: tuple(value) if name == "items" else value for name, value in slide.content.items()},
            )
            for slide in slides
        ),
    )
