"""How a deck looks and what its pictures show: theme and palette, image prompts, alt texts.

Which style word means which look stands in styles.json; a new theme or style needs no code.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from carousels.languages import words
from carousels.providers.base import SlidePlan
from carousels.providers.offline.phrases import Dice, PhraseBook
from carousels.providers.offline.reading import Reading
from carousels.providers.offline.text import plain

_STYLES = json.loads(Path(__file__).with_name("styles.json").read_text(encoding="utf-8"))
_STYLE_WORDS_MAX = 200  # characters of the creator's own style words in a picture's prompt

_SCENES = {
    "cover": ("one striking object that stands for the subject, seen from a low angle", "wide opening scene"),
    "point": (
        "a pair of hands at work on a table, seen from above",
        "a single everyday object in raking light",
        "an open notebook and a cup beside a window",
        "a path that forks, seen from above",
        "a person in thought, seen from behind",
        "stacked simple shapes, one of them slightly off balance",
        "a doorway with light falling through",
        "tools laid out in order on a plain surface",
    ),
    "list": ("neatly arranged objects that belong together, seen from above",),
    "comparison": ("two objects of one kind side by side, one of them clearly in the light",),
    "steps": ("a short flight of stairs in warm light", "stepping stones across still water"),
    "stat": ("one large simple shape beside a small one, strong scale contrast",),
    "quote": ("a calm, nearly empty space with soft window light",),
    "cta": ("an open horizon in the first light of the day", "an inviting empty chair at a table"),
}
# Where a scene is set, by the topic's field: a picture of the subject, not of thinking about it.
_SETTINGS = {
    "pricing": "at a freelancer's desk with papers and a pen",
    "money": "at a kitchen table with papers, coins and a cup",
    "productivity": "at a tidy desk in morning light",
    "marketing": "in a small studio with paper, pens and a phone",
    "wellbeing": "in a quiet bedroom or by an open window",
    "cooking": "in a lived-in kitchen",
    "meals": "in a lived-in kitchen with vegetables on the counter",
    "travel": "on the road, with a map and a small suitcase",
    "learning": "among books and notebooks by a window",
    "tech": "at a desk with a laptop and cables",
    "career": "in a bright office or meeting room",
    "profile": "at a desk with a laptop and a portrait photograph",
    "home": "in a small, light-filled home",
    "garden": "among potted plants and garden tools",
    "pets": "in a home with a calm animal close by",
    "cars": "beside a parked car on a quiet road",
}
_STOPS = ".!?…。！？؟।:："
_CLOSERS = "\"'”’»」』)"  # may stand behind a stop
_MOODS = ("calm and focused", "warm and inviting", "fresh and optimistic", "quietly confident")


@dataclass(frozen=True)
class Look:
    """A theme of the design engine and one of its palettes ("" for the theme's own colours)."""

    theme: str
    palette: str = ""


def choose_look(styles: tuple[str, ...], reading: Reading, dice: Dice) -> Look:
    """The look that the styles name; else one that suits the tone or the topic, or any."""
    if named := find_look(styles):
        return named

    suiting = _STYLES["tones"].get(reading.tone) or _STYLES["families"].get(reading.family)
    return Look(**dice.pick(suiting or _STYLES["any"], "theme"))


def find_look(styles: tuple[str, ...]) -> Look | None:
    """What the first style that names a look asks for."""
    known = (_find_style(style) for style in styles)
    return next((Look(k["theme"], k.get("palette", "")) for k in known if k.get("theme")), None)


def describe_styles(styles: tuple[str, ...]) -> str:
    """The styles for an image model: in a picture's terms where they are known, else in the creator's."""
    known = (_STYLES["styles"].get(style.casefold().strip(), {}) for style in styles)
    looks = dict.fromkeys(look.get("art", style) for look, style in zip(known, styles, strict=True))
    return ", ".join(looks)[:_STYLE_WORDS_MAX]


def _find_style(style: str) -> dict[str, str]:
    """The table's entry for a creator's style: the whole of it, else its first word that is known."""
    lowered = style.casefold().strip()[:60]
    table = _STYLES["styles"]
    names = [lowered, *re.findall(r"[^\W\d_]+", lowered)]
    return next((table[name] for name in names if name in table), {})


def describe_picture(
    slide: SlidePlan, *, subject: str, family: str, styles: tuple[str, ...], dice: Dice
) -> str:
    """A prompt for an image model: subject, scene and its place, style, mood, and no words in the picture."""
    scenes = _SCENES[slide.kind]
    offset = dice.pick(range(len(scenes)), f"scene {slide.kind}")
    scene = scenes[(slide.number + offset) % len(scenes)]
    looks = describe_styles(styles)
    if setting := _SETTINGS.get(family):
        scene = f"{scene}, {setting}"
    idea = plain(slide.title).strip()
    bare = subject.rstrip(_STOPS + " ")
    is_plain = slide.kind in ("cover", "cta") or bare.casefold() == idea.rstrip(_STOPS + " ").casefold()
    about = _close(subject if is_plain else f"{bare}: {idea}")
    style = f"Style: {_close(looks)} " if looks else ""

    mood = dice.pick(_MOODS, "mood")
    return (
        f"{about} Scene: {scene}. {style}Mood: {mood}, one palette throughout, clear space for a headline. "
        "No text, no letters, no logos, no watermark."
    )


def describe_slide(slide: SlidePlan, *, total: int, theme: str, book: PhraseBook, language: str) -> str:
    """What the slide says and, in a few words, what is behind it: in the deck's language."""
    frame = words(language)
    these, those = slide.labels or (frame.do, frame.avoid)
    spoken = [
        slide.kicker,
        slide.stat,
        plain(slide.title),
        *([these] if slide.against else []),
        *slide.items,
        *([those, *slide.against] if slide.against else []),
        slide.caption,
        slide.author,
        slide.button,
    ]
    pictures, stop = book["alt"]["picture"], book["alt"].get("stop", ".")
    gap = "" if stop == "。" else " "  # Chinese and Japanese put no space behind it
    said = gap.join(_close(part, stop) for part in spoken if part)
    slide_text = book["alt"]["slide"].format(number=slide.number, total=total, text="{text}")
    return f"{slide_text.replace('{text}', said)}{gap}{pictures.get(theme, pictures['other'])}"


def _close(text: str, stop: str = ".") -> str:
    """With a full stop, unless it ends in a mark of its own: "Which one?" needs no other."""
    text = text.strip()
    return text if text.rstrip(_CLOSERS)[-1:] in tuple(_STOPS) else text + stop
