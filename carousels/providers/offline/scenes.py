"""What a picture should show, and what a listener hears about it: image prompts, alt texts, themes."""

import re

from carousels.providers.base import SlidePlan
from carousels.providers.offline.phrases import Dice, PhraseBook
from carousels.providers.offline.text import plain

# A creator's style -> the design theme that suits it. A new theme adds its words here.
# "photo", the default, says nothing about drawn art: then the brief itself decides, as for unknown words.
STYLE_THEMES = {
    "aurora": "aurora",
    "bold": "aurora",
    "cinematic": "aurora",
    "cyberpunk": "aurora",
    "dark": "aurora",
    "futuristic": "aurora",
    "gradient": "aurora",
    "modern": "aurora",
    "neon": "aurora",
    "night": "aurora",
    "space": "aurora",
    "tech": "aurora",
    "vibrant": "aurora",
    "bauhaus": "bauhaus",
    "blueprint": "bauhaus",
    "geometric": "bauhaus",
    "graphic": "bauhaus",
    "poster": "bauhaus",
    "swiss": "bauhaus",
    "artistic": "cutout",
    "cutout": "cutout",
    "drawing": "cutout",
    "earthy": "cutout",
    "flat": "cutout",
    "handmade": "cutout",
    "illustrated": "cutout",
    "illustration": "cutout",
    "minimal": "cutout",
    "minimalist": "cutout",
    "natural": "cutout",
    "organic": "cutout",
    "paper": "cutout",
    "pastel": "cutout",
    "playful": "cutout",
    "vintage": "cutout",
    "warm": "cutout",
    "watercolor": "cutout",
    "desert": "dunes",
    "dunes": "dunes",
    "landscape": "dunes",
    "sunset": "dunes",
    "travel": "dunes",
    "comic": "halftone",
    "halftone": "halftone",
    "pop": "halftone",
    "popart": "halftone",
    "print": "halftone",
    "retro": "halftone",
    "eco": "topo",
    "green": "topo",
    "map": "topo",
    "nature": "topo",
    "outdoor": "topo",
    "topo": "topo",
}
THEMES = tuple(sorted(set(STYLE_THEMES.values())))

_STYLE_WORDS = {
    "photo": "natural-light editorial photograph, shallow depth of field",
    "photography": "natural-light editorial photograph, shallow depth of field",
    "illustration": "hand-drawn editorial illustration with visible texture",
    "minimal": "minimalist composition with generous empty space",
    "bold": "bold composition with strong contrast",
    "dark": "low-key lighting on a dark ground",
    "pastel": "soft pastel palette",
    "watercolor": "loose watercolor washes on paper",
    "vintage": "muted vintage print look",
}
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
    "stat": ("one large simple shape beside a small one, strong scale contrast",),
    "quote": ("a calm, nearly empty space with soft window light",),
    "cta": ("an open horizon in the first light of the day", "an inviting empty chair at a table"),
}
_STOPS = '.!?…。！？؟।:："”»」)'
_MOODS = ("calm and focused", "warm and inviting", "fresh and optimistic", "quietly confident")


def choose_theme(styles: tuple[str, ...], dice: Dice) -> str:
    for style in styles:
        for word in re.findall(r"[a-z]+", style.lower()):
            if word in STYLE_THEMES:
                return STYLE_THEMES[word]
    return dice.pick(THEMES, "theme")


def describe_picture(slide: SlidePlan, *, subject: str, styles: tuple[str, ...], dice: Dice) -> str:
    """A prompt for an image model: subject, scene, style, mood, and no words in the picture."""
    scenes = _SCENES[slide.kind]
    offset = dice.pick(range(len(scenes)), f"scene {slide.kind}")
    scene = scenes[(slide.number + offset) % len(scenes)]
    looks = ", ".join(dict.fromkeys(_STYLE_WORDS.get(style.lower(), style) for style in styles))
    idea = plain(slide.title)
    about = (
        subject if slide.kind == "cover" or subject.casefold() == idea.casefold() else f"{subject}: {idea}"
    )

    mood = dice.pick(_MOODS, "mood")
    return (
        f"{about}. Scene: {scene}. Style: {looks[:200]}. Mood: {mood}, one palette throughout, "
        "clear space for a headline. No text, no letters, no logos, no watermark."
    )


def describe_slide(slide: SlidePlan, *, total: int, theme: str, book: PhraseBook) -> str:
    """What the slide says and, in a few words, what is behind it: in the deck's language."""
    spoken = [
        slide.kicker,
        slide.stat,
        plain(slide.title),
        *slide.items,
        slide.caption,
        slide.author,
        slide.button,
    ]
    pictures, stop = book["alt"]["picture"], book["alt"].get("stop", ".")
    said = " ".join(part if part[-1] in _STOPS else part + stop for part in spoken if part)
    slide_text = book["alt"]["slide"].format(number=slide.number, total=total, text="{text}")
    return f"{slide_text.replace('{text}', said)} {pictures.get(theme, pictures['other'])}"
