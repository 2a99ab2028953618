"""What a creator takes away: pictures, PDF, captions, alt texts, transcript, and a manifest of it all.

Arranges names and words; `archive` makes the ZIP. Pictures are opened when their turn comes and never
looked into, so the web process may import this.
"""

import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from wcwidth import iter_graphemes

from carousels.design.document import OWN_WORDS, SIZES, Slide
from carousels.design.export.archive import Archive, Entry, Source, hold, measure
from carousels.design.export.posts import write_posts
from carousels.design.export.xmp import SourceType
from carousels.design.text.hygiene import EMPHASIS, clean

GENERATOR = {"name": "socialsaas", "version": "0.1.0"}
MANIFEST = "manifest.json"
NAME_BYTES = 90  # of a title in a file's name: with ratio and suffix far below any system's limit
UNNAMED = "carousel"


@dataclass(frozen=True)
class Origin:
    """Where a slide's picture came from; `is_ai` is None where nobody wrote it down."""

    provider: str
    model: str
    prompt: str
    is_ai: bool | None
    is_stand_in: bool = False  # drawn in place of a picture that no AI service made

    @property
    def source_type(self) -> SourceType | None:
        match self.is_ai:
            case None:
                return None
            case True:
                return SourceType.AI_COMPOSITE
            case False:
                return SourceType.DRAWN

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "provider": self.provider,
            "model": self.model,
            "prompt": self.prompt,
            "isAi": self.is_ai,
            "isStandIn": self.is_stand_in,
            "digitalSourceType": self.source_type.uri if self.source_type else None,
        }


@dataclass(frozen=True)
class PackedSlide:
    """A finished slide. Carousels of older days have no JPEG."""

    slide: Slide
    origin: Origin
    png: Source
    jpeg: Source | None = None


@dataclass(frozen=True)
class Contents:
    """A finished carousel. `revision` names the run that made it, `models` all models that took part,
    `preflight` is the verdict on its pages.
    """

    title: str
    language: str
    theme: str
    palette: str
    aspect_ratio: str
    revision: str
    models: str
    caption: str
    hashtags: tuple[str, ...]
    preflight: Mapping[str, Any]
    slides: tuple[PackedSlide, ...]
    pdf: Source

    @property
    def folder(self) -> str:
        return name_folder(self.title, self.aspect_ratio)


def pack(contents: Contents) -> Archive:
    """Measure every file and lay out the archive; whatever cannot be opened raises here, not midway."""
    texts = {path: hold(f"{text}\n") for path, text in _write_texts(contents).items()}
    entries = measure(_place(contents.folder, texts | _list_files(contents)))
    manifest = _write_manifest(contents, entries)
    written = json.dumps(manifest, ensure_ascii=False, indent=2)
    # Last, because it names the others; it cannot hold its own hash.
    return Archive((*entries, *measure(_place(contents.folder, {MANIFEST: hold(f"{written}\n")}))))


def name_folder(title: str, aspect_ratio: str) -> str:
    """`freelance-pricing-4x5`: letters and digits of any script, in small letters, with hyphens."""
    letters = clean(title).lower().replace("'", "").replace("’", "")
    words = "".join(letter if unicodedata.category(letter)[0] in "LMN" else " " for letter in letters)
    return f"{_cut_name('-'.join(words.split())) or UNNAMED}-{aspect_ratio.replace(':', 'x')}"


def read_words(slide: Slide) -> list[str]:
    """A slide's words line by line, as a reader meets them; *emphasis* is not said."""
    slide = _drop_unshown(slide)
    this, that = slide.labels or ("", "")
    lines = [
        slide.kicker,
        slide.stat,
        _mark_title(slide),
        slide.caption,
        this,
        *_mark_items(slide),
        that,
        *(f"• {item}" for item in slide.against),
        ", ".join(filter(None, (slide.author, slide.role))),
        slide.button,
    ]
    return [_say(line) for line in lines if line]


def _drop_unshown(slide: Slide) -> Slide:
    unshown = set().union(*OWN_WORDS.values()).difference(OWN_WORDS[slide.kind])
    return replace(slide, **{name: type(getattr(slide, name))() for name in unshown})


def _mark_title(slide: Slide) -> str:
    """A list's `index` counts its rows, any other slide's the slide itself."""
    is_counted = slide.index is not None and slide.kind != "list"
    return f"{slide.index}. {slide.title}" if is_counted else slide.title


def _mark_items(slide: Slide) -> list[str]:
    first = {"steps": 1, "list": slide.index}.get(slide.kind)
    if first is None:
        return [f"• {item}" for item in slide.items]
    return [f"{number}. {item}" for number, item in enumerate(slide.items, start=first)]


def _say(text: str) -> str:
    return EMPHASIS.sub(r"\1", clean(text))


def _cut_name(name: str) -> str:
    """At most NAME_BYTES of it, whole words where there is more than one."""
    kept = ""
    for cluster in iter_graphemes(name):
        if len((kept + cluster).encode()) > NAME_BYTES:
            return kept.rpartition("-")[0] or kept
        kept += cluster
    return kept


def _place(folder: str, files: Mapping[str, Source]) -> dict[str, Source]:
    return {f"{folder}/{path}": source for path, source in files.items()}


def _list_files(contents: Contents) -> dict[str, Source]:
    files = {"carousel.pdf": contents.pdf}
    for packed in contents.slides:
        path = _name_image(packed)
        files[f"{path}.png"] = packed.png
        if packed.jpeg is not None:
            files[f"{path}.jpg"] = packed.jpeg
    return files


def _name_image(packed: PackedSlide) -> str:
    return f"images/{packed.slide.number:02d}"


def _write_texts(contents: Contents) -> dict[str, str]:
    posts = write_posts(contents.caption, contents.hashtags)
    captions = {f"captions/{network}.txt": post.text for network, post in posts.items()}
    slides = [packed.slide for packed in contents.slides]
    return captions | {
        "alt-texts.txt": _number((slide.number, [clean(slide.alt_text)]) for slide in slides),
        "transcript.txt": "\n\n".join(
            [_say(contents.title), _number((slide.number, read_words(slide)) for slide in slides)]
        ),
    }


def _number(slides: Iterable[tuple[int, list[str]]]) -> str:
    """Each slide's lines under its number."""
    return "\n\n".join("\n".join([f"[{number}]", *lines]) for number, lines in slides)


def _write_manifest(contents: Contents, entries: Iterable[Entry]) -> dict[str, Any]:
    width, height = SIZES[contents.aspect_ratio]
    return {
        "generator": GENERATOR,
        "revision": contents.revision,
        "models": contents.models,
        "title": _say(contents.title),
        "language": contents.language,
        "theme": contents.theme,
        "palette": contents.palette,
        "aspectRatio": contents.aspect_ratio,
        "width": width,
        "height": height,
        "disclosure": _disclose(contents.slides),
        "slides": [_describe(packed) for packed in contents.slides],
        "files": [
            {"path": _strip_folder(entry.path), "bytes": entry.size, "sha256": entry.sha256}
            for entry in entries
        ],
        "preflight": dict(contents.preflight),
    }


def _describe(packed: PackedSlide) -> dict[str, Any]:
    path = _name_image(packed)
    return {
        "number": packed.slide.number,
        "kind": packed.slide.kind,
        "png": f"{path}.png",
        "jpeg": f"{path}.jpg" if packed.jpeg else None,
        "altText": packed.slide.alt_text,
        "picture": packed.origin.as_dict(),
    }


def _strip_folder(path: str) -> str:
    return path.partition("/")[2]


def _disclose(slides: Iterable[PackedSlide]) -> str:
    """Who made the pictures, in one plain sentence for whoever must say so."""
    origins = [(packed.slide.number, packed.origin) for packed in slides]
    if any(origin.is_ai is None for _, origin in origins):
        return "How the pictures of this carousel were made was not recorded."
    made = [(number, origin) for number, origin in origins if origin.is_ai]
    if not made:
        return "No picture in this carousel was made by an AI model: a program drew them."
    numbers = ", ".join(str(number) for number, _ in made)
    models = ", ".join(dict.fromkeys(f"{origin.provider} {origin.model}".strip() for _, origin in made))
    slides_named = f"slide {numbers}" if len(made) == 1 else f"slides {numbers}"
    return f"Made with AI: the art of {slides_named}, by {models}; words were set over it."
