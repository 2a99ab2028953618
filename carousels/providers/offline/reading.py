"""What a prompt asks for, read without a model: headline, promise, topic, readers, purpose, tone, points.

Reads only; every word it returns stands in the brief (an English verb may be bent: "save", "saving").
When a rule is not sure it answers "" or None, and the deck does without.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from carousels.brief import Brief
from carousels.languages import DEFAULT_LANGUAGE, UNSPACED, detect
from carousels.providers.offline import english
from carousels.providers.offline.grammar import Grammar, find_name, open_grammar
from carousels.providers.offline.promises import VERSUS, find_promise
from carousels.providers.offline.prompts import Prompt, strip_bullet, take_apart
from carousels.providers.offline.text import (
    HEADLINE_MAX,
    TITLE_MAX,
    capitalise,
    clean,
    condense,
    first_sentence,
    trim,
)

_HEADLINE_WITHIN = 1_200  # characters of a line that can hold its headline
_POINTS_MAX, _POINT_MAX = 60, 1_000  # as many as a deck could ever show, and as long
_SIDE_MAX = 24  # characters of a name that can head one side of a comparison


@dataclass(frozen=True)
class Reading:
    """`count` is what the headline promises; `uncounted` is the headline without that promise.

    `family` is the field its topic belongs to, `reader` the group its audience does, `sides` the two
    names of "X vs Y". Each is "" or () where the brief does not tell. `is_told`: the points are the
    sentences of a running text, which nobody counts.
    """

    language: str
    headline: str
    uncounted: str
    kind: str
    count: int | None
    topic: str
    audience: str
    key_points: tuple[str, ...]
    purpose: str = ""
    tone: str = ""
    family: str = ""
    reader: str = ""
    sides: tuple[str, str] | tuple[()] = ()
    link: str = ""
    is_told: bool = False


def read(brief: Brief) -> Reading:
    """Read the brief; total: any text gives a Reading with a headline."""
    language = detect(f"{brief.prompt[:_HEADLINE_WITHIN]}\n{' '.join(brief.key_points)}")
    grammar = open_grammar(language)
    prompt = take_apart(brief.prompt, grammar)
    labels = prompt.labels

    lines = [labels["topic"], *prompt.prose] if labels.get("topic") else list(prompt.prose)
    headline, guessed = _find_headline(lines, language, grammar)
    promise = find_promise(headline, language, grammar)
    points = _choose_points(brief, prompt, headline, promise.count)
    if language == DEFAULT_LANGUAGE and not points and (dish := english.find_dish(headline)):
        # A recipe is the creator's to give: without one, the deck is about the dish.
        headline = condense(capitalise(dish), limit=HEADLINE_MAX)
        promise = find_promise(headline, language, grammar)
    audience = _condense_audience(brief.audience or labels.get("audience", ""), language)
    wishes = " ".join([brief.purpose, labels.get("purpose", "")])[:200]
    tones = [labels.get("tone", ""), _closing_words(brief.prompt)]
    manner = " ".join([brief.tone[:200], *brief.styles, wishes, *tones])

    is_told = bool(prompt.body or prompt.quotations) and not (brief.key_points or prompt.bullets)

    return Reading(
        language=language,
        headline=headline,
        uncounted=capitalise(promise.uncounted) or headline,
        kind="told" if is_told and promise.kind == "other" else promise.kind,
        count=promise.count,
        topic=promise.topic,
        audience=audience or guessed or promise.audience,
        key_points=points,
        purpose=find_name("purposes", wishes),
        tone=find_name("tones", manner[:400]),
        family=find_name("families", f"{promise.topic} {headline} {' '.join(brief.key_points)[:200]}"),
        reader=find_name("readers", f"{brief.audience[:200]} {audience or guessed or promise.audience}"),
        sides=_find_sides(headline) if promise.kind == "comparison" else (),
        link=prompt.link,
        is_told=is_told,
    )


def _find_headline(lines: list[str], language: str, grammar: Grammar) -> tuple[str, str]:
    """The headline hidden in an order ("Create a carousel about X for Y" -> "X"), and Y if named."""
    lines = [line[:_HEADLINE_WITHIN] for line in lines]
    text = capitalise(clean(" ".join(lines[:1])) or clean(" ".join(lines)))
    audience, is_order = "", False
    for pattern in grammar.instructions:
        match = re.match(pattern, text, re.IGNORECASE)
        if match and trim(text[match.end() :]):
            audience = audience or match.groupdict().get("audience") or ""
            text, is_order = text[match.end() :], True

    text = first_sentence(text)
    for pattern in grammar.tails:
        text = re.sub(pattern, "", trim(text), flags=re.IGNORECASE) or text

    if language == DEFAULT_LANGUAGE:
        text = english.tidy(text)
    if language == DEFAULT_LANGUAGE and not audience:
        if is_order:
            text, audience = english.split_listeners(trim(text))
        audience = audience or english.split_audience(trim(text))[1] or english.guided_readers(text)
    # A character of an unspaced script says, and takes, about two letters.
    limit = TITLE_MAX if language in UNSPACED else HEADLINE_MAX
    return _as_headline(capitalise(text), lines, limit), audience


def _as_headline(text: str, lines: list[str], limit: int) -> str:
    headline = trim(text) or text.strip() or _bare_address(" ".join(" ".join(lines).split()))
    letters = [c for c in headline if c.isalpha()]
    if len(letters) > 12 and all(c.isupper() for c in letters) and headline.lower() != headline:
        headline = headline.lower()  # shouting is for the typography to do
    return condense(headline, limit=limit) or "…"


def _bare_address(text: str) -> str:
    """The host of a prompt that is nothing but an address; any other text without its asterisks."""
    host = re.match(r"(?:https?://)?(?:www\.)?([^\s/?#]+)", text, re.IGNORECASE)
    return (host[1] if host and "." in host[1] else text).replace("*", "").strip()


def _condense_audience(audience: str, language: str) -> str:
    """Short enough for a label; a long description of a market is none."""
    short = trim(re.split(r"[,;.(\n،。、，；]", clean(audience[:200]), maxsplit=1)[0])
    if len(short) > 40:
        return ""
    return english.soften(short) if language == DEFAULT_LANGUAGE else short


def _closing_words(prompt: str) -> str:
    """Where creators say in what tone: the end of the prompt, if it is an order of its own."""
    match = re.search(r"(?:[.!,(\n。！，、]|\bin (?:an? )?)([^.!,(\n。！，、]{3,60})\W*$", prompt[-120:])
    return match[1] if match and re.search(_MANNER, match[1], re.IGNORECASE) else ""


_MANNER = (
    r"\b(?:tone|style|voice|vibe|make it|keep it|ton|stil|tono|estilo|stile|tom|stijl|toon)\b"
    r"|أسلوب|نبرة|טון|סגנון|लहज|शैली|トーン|口調|語調|语气|風格|风格"
)


def _choose_points(brief: Brief, prompt: Prompt, headline: str, count: int | None) -> tuple[str, ...]:
    """The key points as given, else the prompt's bullets, else what its prose goes on to say."""
    body = prompt.body if count in (None, len(prompt.body)) else ()  # sentences beside a promise are not it
    texts = brief.key_points or prompt.bullets or body
    said = {trim(headline).casefold(), trim(clean(brief.prompt[:_POINT_MAX])).casefold()}
    points = _clean_points([*texts, *(() if brief.key_points else prompt.quotations)])
    return tuple(point for point in points if trim(point).casefold() not in said)


def _clean_points(points: Sequence[str]) -> list[str]:
    cleaned = (clean(strip_bullet(point[: 2 * _POINT_MAX]))[:_POINT_MAX] for point in points[:_POINTS_MAX])
    unique: dict[str, str] = {}
    for point in cleaned:
        if key := trim(point).casefold():  # a lone dash, left where a quotation stood, says nothing
            unique.setdefault(key, point)
    return list(unique.values())


def _find_sides(headline: str) -> tuple[str, str] | tuple[()]:
    """("Notion", "Obsidian") of "Notion vs Obsidian: which one?"."""
    names = [trim(name) for name in VERSUS.split(re.split(r"[:?!.,;]", headline, maxsplit=1)[0])]
    if len(names) == 2 and all(1 <= len(name) <= _SIDE_MAX for name in names):
        return names[0], names[1]
    return ()
