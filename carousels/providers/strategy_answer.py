"""A text model's answer, read as a Strategy: one JSON schema for every vendor, and our own validation.

The schema says types alone, the part that all vendors and compatible servers agree on; lengths, counts
and what each kind of slide needs are checked here. What is wrong is told in words for the model.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from carousels.brief import Brief
from carousels.design.document import ITEMS_MAX, OWN_WORDS, SIDES_MAX
from carousels.providers.base import (
    SLIDE_KINDS,
    Correction,
    SlidePlan,
    Strategy,
    UnusableAnswer,
    Usage,
)
from carousels.providers.strategy_prompt import LIMITS, LOOKS, look_of

STAT_MOST, TAG_MOST, TAGS_MOST = 12, 60, 30  # characters of a figure and of a hashtag; hashtags
TELLING = 3  # letters of a word by which a person is found in the brief
FAULTS_MOST = 20
STORABLE = r"^[^\x00]*$"  # no database takes a NUL
PARTS_OF_THE_SCHEMA = {"type", "properties", "items", "required", "enum"}


def Text(asked: int, *, least: int = 0):
    """A text of which `asked` characters were asked for: half as many again are taken."""
    return Annotated[str, StringConstraints(min_length=least, max_length=asked * 3 // 2, pattern=STORABLE)]


Item = Text(LIMITS.item, least=1)


class Part(BaseModel):
    model_config = ConfigDict(
        extra="forbid", str_strip_whitespace=True, alias_generator=to_camel, strict=True, frozen=True
    )


class SlideAnswer(Part):
    kind: str
    title: Text(LIMITS.cover, least=1)
    caption: Text(LIMITS.caption, least=1)
    kicker: Text(LIMITS.label)
    items: list[Item]
    against: list[Item]
    labels: list[Text(LIMITS.heading, least=1)]
    stat: Annotated[str, StringConstraints(pattern=STORABLE)]
    author: Text(LIMITS.label)
    role: Text(LIMITS.label)
    button: Text(LIMITS.label)
    is_counted: bool
    image_prompt: Text(LIMITS.prompt, least=1)
    alt_text: Text(LIMITS.alt, least=1)


class Answer(Part):
    language: str
    title: Text(LIMITS.cover, least=1)
    look: str
    visual_world: Text(LIMITS.world, least=1)
    slides: list[SlideAnswer]
    final_caption: Text(LIMITS.post, least=1)
    hashtags: list[str]


def read(text: str, brief: Brief, *, vendor: str, usage: Usage | None = None) -> Strategy:
    """Raises UnusableAnswer, with what to tell the model in its one repair."""
    faults: Iterable[str]
    try:
        answer = Answer.model_validate_json(_bare(text))
        faults = _find_faults(answer, brief)
    except ValidationError as error:
        faults = map(_say, error.errors(include_url=False, include_input=False))
    if told := tuple(islice(faults, FAULTS_MOST)):
        message = f"{vendor} wrote no strategy: {len(told)} faults"
        raise UnusableAnswer(message, correction=Correction(text, told), usage=usage)
    return _as_strategy(answer, brief)


def _bare(text: str) -> str:
    """The object without what servers that overlook the schema put around it: fences, a greeting."""
    start, end = text.find("{"), text.rfind("}")
    return text[start : end + 1] if 0 <= start < end else text


def cut_off(*, vendor: str, usage: Usage | None) -> UnusableAnswer:
    """Of an answer that ended at its limit nothing is read: half a carousel would pass for a whole one."""
    message = f"{vendor} wrote more than there was room for"
    return UnusableAnswer(message, correction=Correction(is_truncated=True), usage=usage)


def make_schema() -> dict[str, Any]:
    """What both vendors' structured outputs accept: all keys required, no others, no limits."""
    whole = Answer.model_json_schema()
    schema = _only_portable(whole, whole.get("$defs", {}))
    schema["properties"]["look"]["enum"] = list(LOOKS)
    schema["properties"]["slides"]["items"]["properties"]["kind"]["enum"] = list(SLIDE_KINDS)
    return schema


def _only_portable(part: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    if name := part.get("$ref"):
        return _only_portable(definitions[name.rpartition("/")[2]], definitions)
    kept = {key: value for key, value in part.items() if key in PARTS_OF_THE_SCHEMA}
    if "items" in kept:
        kept["items"] = _only_portable(kept["items"], definitions)
    if "properties" in kept:
        named = kept["properties"]
        kept["properties"] = {name: _only_portable(inner, definitions) for name, inner in named.items()}
        kept |= {"required": list(named), "additionalProperties": False}
    return kept


SCHEMA = make_schema()

# --- what is wrong, in words for the model -----------------------------------------------------------


def _say(error: dict[str, Any]) -> str:
    where = ".".join(str(part + 1) if isinstance(part, int) else part for part in error["loc"])
    return f"{where or 'the answer'}: {error['msg']}"


def _find_faults(answer: Answer, brief: Brief) -> Iterator[str]:
    kinds = [slide.kind for slide in answer.slides]
    if len(kinds) != brief.image_count:
        yield f"slides: there must be exactly {brief.image_count}, not {len(kinds)}"
    if kinds[:1] != ["cover"] or kinds[-1:] != ["cta"] or {"cover", "cta"} & set(kinds[1:-1]):
        yield 'slides: the first must be a "cover", the last a "cta", and no other may be either'
    if answer.look not in LOOKS:
        yield f"look: must be one of {', '.join(LOOKS)}"
    if not re.fullmatch(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*", answer.language):
        yield 'language: must be a language tag such as "en"'
    known = " ".join([brief.prompt, brief.purpose, brief.audience, *brief.key_points])
    for number, slide in enumerate(answer.slides, start=1):
        yield from (f"slides.{number}.{fault}" for fault in _find_faults_of(slide, known))


def _find_faults_of(slide: SlideAnswer, known: str) -> Iterator[str]:
    match slide.kind:
        case "list" | "steps" if not 2 <= len(slide.items) <= ITEMS_MAX:
            yield f"items: a {slide.kind} has 2 to {ITEMS_MAX}"
        case "comparison":
            for side in ("items", "against"):
                if not 1 <= len(getattr(slide, side)) <= SIDES_MAX:
                    yield f"{side}: a comparison has 1 to {SIDES_MAX}"
            if len(slide.labels) not in (0, 2):
                yield "labels: two, or none"
        case "stat" if not 1 <= len(slide.stat) <= STAT_MOST:
            yield f"stat: a figure of at most {STAT_MOST} characters"
        case "stat" if not _is_told(slide.stat, known):
            yield "stat: this figure does not stand in the request; write another kind of slide"
        case "quote" if not _is_named(slide.author, known):
            yield "author: this person does not stand in the request; write another kind of slide"
        case "cta" if not slide.button:
            yield "button: a cta has one"
        case kind if kind not in SLIDE_KINDS:
            yield f"kind: must be one of {', '.join(SLIDE_KINDS)}"


def _is_told(stat: str, known: str) -> bool:
    """Whether the brief says this figure, whatever its digits, separators and unit; or these very words."""
    figures = _figures(stat)
    return figures <= _figures(known) if figures else stat.casefold() in known.casefold()


def _figures(text: str) -> set[int]:
    whole = re.sub(r"(?<=\d)[.,'’\s](?=\d{3}(?!\d))", "", text)  # 1,200 and 1.200 are 1200
    return {int(digits) for digits in re.findall(r"\d{1,18}", whole)}


def _is_named(author: str, known: str) -> bool:
    """Whether the brief names this person, if only by one name; scripts without spaces by all of it."""
    names, said = _words(author), _words(known)
    is_unspaced = bool(author) and not author.isascii()
    return bool(names & said) or (is_unspaced and author.casefold() in known.casefold())


def _words(text: str) -> set[str]:
    return {word for word in re.findall(r"[^\W\d_]+", text.casefold()) if len(word) >= TELLING}


# --- as a strategy -----------------------------------------------------------------------------------


def _as_strategy(answer: Answer, brief: Brief) -> Strategy:
    theme, _, palette = (look_of(brief) or answer.look).partition("/")
    return Strategy(
        title=answer.title.replace("*", ""),
        slides=tuple(_as_plans(answer)),
        final_caption=answer.final_caption,
        hashtags=tuple(_as_tags(answer.hashtags)),
        visual_theme=theme,
        language=re.split("[-_]", answer.language)[0].lower(),
        palette=palette,
    )


def _as_plans(answer: Answer) -> Iterator[SlidePlan]:
    """Counted slides are numbered here, in their order: no model's arithmetic is needed."""
    counted = 0
    for number, slide in enumerate(answer.slides, start=1):
        rows = _count_rows(slide) if slide.is_counted else 0
        own = {name: getattr(slide, name) for name in OWN_WORDS[slide.kind]}
        yield SlidePlan(
            number=number,
            kind=slide.kind,
            title=slide.title,
            caption=slide.caption,
            image_prompt=f"{slide.image_prompt}\n{answer.visual_world}",
            alt_text=slide.alt_text,
            index=counted + 1 if rows else None,
            **{name: tuple(value) if isinstance(value, list) else value for name, value in own.items()},
        )
        counted += rows


def _count_rows(slide: SlideAnswer) -> int:
    """How many things a counted slide shows; kinds that show no number count none."""
    return {"point": 1, "comparison": 1, "list": len(slide.items)}.get(slide.kind, 0)


def _as_tags(tags: list[str]) -> Iterator[str]:
    bare = (re.sub(r"[^\w\u200c\u200d]", "", tag) for tag in tags[:TAGS_MOST])
    return (f"#{tag}" for tag in dict.fromkeys(bare) if 0 < len(tag) <= TAG_MOST)
