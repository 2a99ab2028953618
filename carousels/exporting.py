"""A finished carousel as its export pack: rows and stored files in, a ZIP's stream out.

Reads, never writes; draws nothing. Whoever holds the signed address may fetch it, as with files.
"""

import uuid
from functools import partial

from django.http import HttpRequest
from django.urls import reverse

from accounts.models import User
from carousels import files, languages
from carousels.authoring import CarouselNotFound, CarouselNotReady
from carousels.design import document
from carousels.design.export import pack
from carousels.design.export.archive import Archive, Source
from carousels.models import Carousel, CarouselStatus, Slide


def address(*, carousel: Carousel, request: HttpRequest) -> str:
    """An absolute URL for a plain <a download>, good for FILE_URL_SECONDS."""
    path = reverse("carousel-export", args=[carousel.pk])
    return f"{request.build_absolute_uri(path)}?signature={files.sign(_signed_name(carousel.pk))}"


def get_of(*, user: User, carousel_id: str) -> Carousel:
    """The user's own carousel."""
    try:
        return Carousel.objects.get(pk=uuid.UUID(carousel_id), user=user)
    except (ValueError, Carousel.DoesNotExist):
        raise CarouselNotFound(carousel_id) from None


def get_signed(*, carousel_id: str, signature: str) -> Carousel:
    """Anybody's, for who holds its address. Raises files.InvalidAddress."""
    try:
        key = uuid.UUID(carousel_id)
    except ValueError:
        raise CarouselNotFound(carousel_id) from None
    files.check_signature(_signed_name(key), signature)
    try:
        return Carousel.objects.get(pk=key)
    except Carousel.DoesNotExist:
        raise CarouselNotFound(carousel_id) from None


def export(*, carousel: Carousel) -> tuple[Archive, str]:
    """The pack and the name to save it under. Raises CarouselNotReady, or files.FileGone
    before any byte is sent.
    """
    # Read by one statement: a render that ends between two would mix its files with what it replaced.
    slides = list(Slide.objects.filter(carousel=carousel).select_related("carousel").order_by("number"))
    carousel = slides[0].carousel if slides else carousel
    is_whole = carousel.pdf_key and slides and all(slide.image_key for slide in slides)
    if carousel.status != CarouselStatus.COMPLETED or not is_whole:
        raise CarouselNotReady(carousel.pk)

    contents = _contents_of(carousel, slides)
    return pack.pack(contents), f"{contents.folder}.zip"


def _signed_name(carousel_id: uuid.UUID) -> str:
    return f"exports/{carousel_id}"


def _contents_of(carousel: Carousel, slides: list[Slide]) -> pack.Contents:
    metadata = carousel.generation_metadata or {}
    return pack.Contents(
        title=carousel.title,
        language=carousel.language,
        theme=carousel.theme,
        palette=carousel.palette,
        aspect_ratio=carousel.aspect_ratio,
        revision=metadata.get("revision", carousel.written_by),
        models=metadata.get("aiModel", ""),
        caption=carousel.final_caption or "",
        hashtags=tuple(carousel.hashtags),
        preflight=metadata.get("preflight", {}),
        slides=tuple(_packed(slide, carousel.language) for slide in slides),
        pdf=_source(carousel.pdf_key),
    )


def _packed(slide: Slide, language: str) -> pack.PackedSlide:
    source = slide.art_source
    origin = pack.Origin(
        provider=source.get("provider", ""),
        model=source.get("model", ""),
        prompt=source.get("prompt", slide.image_prompt),
        is_ai=source.get("isPhoto"),
        is_stand_in=slide.is_stand_in,
    )
    return pack.PackedSlide(
        slide=_words_of(slide, language),
        origin=origin,
        png=_source(slide.image_key),
        jpeg=_source(slide.jpeg_key) if slide.jpeg_key else None,
    )


def _words_of(slide: Slide, language: str) -> document.Slide:
    content = dict(slide.content)
    if slide.kind == "comparison" and not content.get("labels"):
        words = languages.words(language)
        content["labels"] = (words.do, words.avoid)
    return document.Slide(
        number=slide.number,
        kind=slide.kind,
        title=slide.title,
        caption=slide.caption,
        alt_text=slide.alt_text,
        **content,
    )


def _source(key: str) -> Source:
    return partial(files.open_stored, key)
