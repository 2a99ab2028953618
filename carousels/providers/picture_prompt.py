"""How an image model is asked for one slide's picture, so that a carousel's pictures belong together.

What all slides share comes first and is the same for all, word for word: style, light and colours. The
slide's own scene follows, then the frame and what no picture may hold.
"""

from carousels.design.look import dress
from carousels.providers.base import ImageRequest
from carousels.providers.offline.scenes import describe_styles

PROMPT_MOST = 4_000  # characters of a slide's own prompt; a redraw's is the creator's
FRAMES = {"1:1": "square", "4:5": "upright 4:5", "9:16": "tall 9:16"}


def write_prompt(request: ImageRequest) -> str:
    return "\n\n".join(
        (
            anchor(request),
            f"This picture, {request.number} of {request.total}:\n{request.prompt.strip()[:PROMPT_MOST]}",
            f"Composition: {FRAMES[request.aspect_ratio]} frame, filled to its edges. One clear subject in "
            "the upper or lower third; about half of the frame is calm and plain, low in detail and "
            "contrast, so that a headline can be set over it later.",
            "The picture itself holds no text: no letters, words, numbers, captions, signs, labels, logos, "
            "brands, watermarks, borders, frames or collages.",
        )
    )


def anchor(request: ImageRequest) -> str:
    """The same for every slide of a carousel."""
    styles = describe_styles(tuple(filter(None, request.style.split(", "))))
    colors = dress(request.theme, palette=request.palette, colors=request.colors).colors
    brand = f" The brand's colours {', '.join(request.colors)} appear as accents." if request.colors else ""
    return (
        f"One picture of a series of {request.total} that share one world: same style, same light, same "
        f"materials, same grain.\nStyle: {styles or 'natural-light editorial photograph'}.\n"
        f"Colours: grounds near {colors.scrim}, accents near {colors.accent}; nothing else loud.{brand}"
    )
