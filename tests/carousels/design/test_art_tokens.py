"""Styles take every colour from their tokens, so that palettes and brands can dress them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from carousels.design.art import paint
from carousels.design.look import dress
from carousels.design.themes import Theme
from tests.carousels.design.decks import open_image

STYLES = ("aurora", "bauhaus", "cutout", "dunes", "halftone", "topo")


def paint_in(look: Theme) -> np.ndarray:
    art = paint(look=look, seed_text="Sourdough", number=1, total=2, aspect_ratio="1:1")
    return np.asarray(open_image(art), float)


def bleach(value: Any) -> Any:
    """Art tokens with the red channel of every colour copied over the others."""
    if isinstance(value, str) and value.startswith("#"):
        return f"#{value[1:3] * 3}"
    if isinstance(value, Mapping):
        return {name: bleach(inner) for name, inner in value.items()}
    return [bleach(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("theme", STYLES)
def test_art_of_grey_tokens_is_grey(theme):
    look = dress(theme)

    art = paint_in(replace(look, art=bleach(look.art)))

    assert np.ptp(art, axis=2).max() <= 2  # what a JPEG rounds
    assert art.std() > 3


@pytest.mark.parametrize("theme", STYLES)
def test_each_palette_paints_another_picture(theme):
    look = dress(theme)

    changes = [np.abs(paint_in(look) - paint_in(dress(theme, palette=name))).mean() for name in look.palettes]

    assert len(changes) == 2
    assert min(changes) > 5
