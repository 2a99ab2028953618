"""What the prompt allows can be set: words of exactly the lengths it names need no mending in any ratio."""

from itertools import accumulate, cycle

import pytest

from carousels.design import document, repair
from carousels.providers.strategy_prompt import LIMITS

SPEECH = """
Write down the price before the first call begins and say it once in plain words then be quiet while they
think about what it would cost them to wait another month or ask somebody else who never answers on time
"""
FRAME = document.Words("Swipe", "Follow", "Save", "Share", "Do this", "Not that")


def say(length: int, start: int = 0) -> str:
    """As many words as fit into the length, to its last character or the one before."""
    spoken = SPEECH.split()
    words = cycle(spoken[start:] + spoken[:start])
    texts = accumulate(words, lambda text, word: f"{text} {word}")
    for text in texts:
        if len(text) > length:
            return text[:length].rstrip()
    raise AssertionError(length)


def rows(length: int, count: int) -> tuple[str, ...]:
    return tuple(say(length, start=3 * row) for row in range(count))


OWN = {
    "cover": [{"kicker": say(24)}],
    "point": [{"index": 3}],
    "list": [{"items": rows(LIMITS.item, 4)}, {"items": rows(LIMITS.brief_item, 6)}],
    "steps": [{"items": rows(LIMITS.item, 4)}, {"items": rows(LIMITS.brief_item, 6)}],
    "comparison": [
        {
            "items": rows(LIMITS.side, 2),
            "against": rows(LIMITS.side, 2),
            "labels": (say(LIMITS.heading), say(LIMITS.heading, 4)),
        }
    ],
    "stat": [{"stat": "$12,500"}],
    "quote": [{"author": say(LIMITS.label), "role": say(LIMITS.label, 5)}],
    "cta": [{"button": say(24)}],
}


def slides() -> tuple[document.Slide, ...]:
    kinds = [(kind, own) for kind, owns in OWN.items() for own in owns]
    return tuple(
        document.Slide(
            number=number,
            kind=kind,
            title=say(LIMITS.cover if kind == "cover" else LIMITS.rowed if "items" in own else LIMITS.title),
            caption=say(LIMITS.lead if "items" in own else LIMITS.caption),
            alt_text="Words.",
            **own,
        )
        for number, (kind, own) in enumerate(kinds, start=1)
    )


@pytest.mark.parametrize("ratio", document.SIZES)
@pytest.mark.parametrize(
    "theme", ["brutalist", "cutout", "editorial", "orbs"]
)  # the widest letters and panels
def test_words_of_the_lengths_that_are_asked_for_need_no_mending(theme, ratio):
    whole = document.Document(
        title="T", language="en", theme=theme, aspect_ratio=ratio, words=FRAME, slides=slides()
    )

    assert repair.mend(whole).repairs == ()
