"""Pages that were drawn before, found again by what decides their pixels: none is drawn twice.

A page's files lie in the object store like all others; beside them an index, named after the page's
fingerprint, says which they are and what was measured on them.
"""

import hashlib
import json
import logging

from pydantic import TypeAdapter, ValidationError

from carousels import files
from carousels.design.engine import Figures, Page

logger = logging.getLogger(__name__)

FIGURES = TypeAdapter(Figures)
FILES = {"png": "slide-{:02d}.png", "jpeg": "slide-{:02d}.jpg", "thumbnail": "thumbnail-{:02d}.jpg"} | {
    "background": "background-{:02d}.jpg"
}


def find(*, carousel_id, fingerprint: str, number: int) -> Page | None:
    """The page with this fingerprint; None when it was never drawn, or not all of it is there."""
    try:
        index = json.loads(files.recall(carousel_id=carousel_id, name=_name(fingerprint)))
        figures = FIGURES.validate_python(index["figures"], strict=False)
        return Page(number=number, figures=figures, **{part: _read(index[part]) for part in FILES})
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        # Cut off by a killed worker, damaged, or written by another version: then it is drawn again.
        logger.warning("page %s of carousel %s cannot be used: %s", fingerprint, carousel_id, error)
        return None


def keep(*, carousel_id, fingerprint: str, page: Page) -> dict[str, str]:
    """Store a page's files, and the index last. Returns the files' keys by part."""
    keys = store(carousel_id=carousel_id, page=page)
    index = keys | {"figures": FIGURES.dump_python(page.figures, mode="json")}
    files.remember(carousel_id=carousel_id, name=_name(fingerprint), data=json.dumps(index).encode())
    return keys


def store(*, carousel_id, page: Page) -> dict[str, str]:
    """The keys of a page's files by part; what is there already is not written again."""
    return {
        part: files.store(carousel_id=carousel_id, name=name.format(page.number), data=getattr(page, part))
        for part, name in FILES.items()
    }


def _read(key: str) -> bytes:
    """The file, if it still is what its name says: a damaged page would fail every render from now on."""
    data = files.read(key)
    if hashlib.sha256(data).hexdigest() not in key:
        raise ValueError(f"{key} is damaged")
    return data


def _name(fingerprint: str) -> str:
    return f"page-{fingerprint}.json"
