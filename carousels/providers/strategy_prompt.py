"""How a text model is asked for a carousel: one system text for all, and the brief as data.

What a creator typed stands only inside a JSON string of the user message; the system text, a file with
a version in `prompts/`, calls it untrusted.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from string import Template

from carousels.brief import Brief
from carousels.design.themes import THEMES
from carousels.providers.base import Correction
from carousels.providers.offline.scenes import find_look

PROMPTS = Path(__file__).with_name("prompts")
VERSION = "strategy-1"
CHARACTERS_A_TOKEN = 4  # of English; fewer in most other languages
ROOM, ROOM_A_SLIDE = 3_000, 800  # tokens an answer may take, thoughts among them
REPLY, REPLY_A_SLIDE = 700, 330  # tokens it usually takes
PREVIOUS_MOST = 20_000  # characters of an answer that are shown again


@dataclass(frozen=True)
class Limits:
    """Characters that are asked for: as much as every theme can set in every ratio.

    `strategy_answer` accepts half as much again before it sends back. `rowed` and `lead` are title and
    caption of a slide with rows, `brief_item` one of five or six, `side` one of a comparison.
    """

    title: int = 70
    cover: int = 80
    rowed: int = 50
    caption: int = 170
    lead: int = 90
    item: int = 60
    brief_item: int = 45
    side: int = 32
    label: int = 40
    heading: int = 14
    alt: int = 300
    post: int = 1_200
    world: int = 300
    prompt: int = 500


LIMITS = Limits()
LOOKS = tuple(
    look
    for name, theme in THEMES.items()
    for look in (name, *(f"{name}/{other}" for other in theme.palettes))
)


@dataclass(frozen=True)
class Question:
    """`room`: tokens the answer may take."""

    system: str
    user: str
    room: int


def _read_system() -> str:
    described = json.loads((PROMPTS / "looks-1.json").read_text(encoding="utf-8"))
    looks = "\n".join(f"- {look}: {described[look]}" for look in LOOKS)
    template = Template((PROMPTS / f"{VERSION}.txt").read_text(encoding="utf-8"))
    return template.substitute(vars(LIMITS), looks=looks)


SYSTEM = _read_system()


def ask(brief: Brief, correction: Correction | None = None) -> Question:
    """The brief as a question; with `correction`, the second and last one about it."""
    message = {
        "request": {
            "topic": brief.prompt,
            "audience": brief.audience,
            "purpose": brief.purpose,
            "tone": brief.tone,
            "keyPoints": list(brief.key_points),
            "styles": list(brief.styles),
        },
        "slides": brief.image_count,
        "aspectRatio": brief.aspect_ratio,
        "look": look_of(brief),
    }
    room = ROOM + ROOM_A_SLIDE * brief.image_count
    if correction is not None and correction.is_truncated:
        room *= 2
    elif correction is not None:
        message |= {
            "yourPreviousAnswer": correction.answer[:PREVIOUS_MOST],
            "whatIsWrongWithIt": list(correction.faults),
            "task": "Answer with the whole object again, these faults mended and the rest as it was.",
        }
    return Question(SYSTEM, json.dumps(message, ensure_ascii=False), room)


def look_of(brief: Brief) -> str:
    """The look that one of the creator's style words names; empty: the model chooses."""
    look = find_look(brief.styles)
    return "/".join(filter(None, (look.theme, look.palette))) if look else ""


def expected_tokens(brief: Brief) -> tuple[int, int]:
    """(input, output) that such a question and its answer will probably take."""
    question = ask(brief)
    asked = (len(question.system) + len(question.user)) // CHARACTERS_A_TOKEN
    return asked, REPLY + REPLY_A_SLIDE * brief.image_count
