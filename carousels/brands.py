"""Brand kits: made, changed, given pictures, read. The only writer of BrandKit rows.

Files of a kit are never removed: carousels that were made with them are drawn again from them.
"""

import unicodedata
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from carousels import files
from carousels.design.brand import Brand, InvalidBrand, read_colors, read_fonts
from carousels.models import BrandKit

BRANDS_MAX = 20  # of one user
NAME_LIMIT, HANDLE_LIMIT = 80, 60  # characters

Picture = Literal["logo", "avatar"]


class BrandNotFound(Exception):
    """No such brand kit, or not this user's."""


class TooManyBrands(Exception):
    """The user has as many brand kits as anyone may have."""


def of_user(user: User) -> QuerySet[BrandKit]:
    """The default one first, then as they were made."""
    return BrandKit.objects.filter(user=user).order_by("-is_default", "created_at", "pk")


def get_of(*, user: User, brand_id: str) -> BrandKit:
    try:
        return BrandKit.objects.get(pk=uuid.UUID(brand_id), user=user)
    except (ValueError, BrandKit.DoesNotExist):
        raise BrandNotFound(brand_id) from None


def default_of(user: User) -> BrandKit | None:
    """The kit that carousels wear when none is named."""
    return BrandKit.objects.filter(user=user, is_default=True).first()


@transaction.atomic
def create(*, user: User, details: Mapping[str, Any], now: datetime) -> BrandKit:
    """`details` by column: name, handle, colors, fonts, is_default. Raises InvalidBrand or TooManyBrands."""
    columns = _check(details)
    _lock(user.pk)
    if BrandKit.objects.filter(user=user).count() >= BRANDS_MAX:
        raise TooManyBrands
    if columns.get("is_default"):
        _clear_default(user.pk, now)
    return BrandKit.objects.create(user=user, created_at=now, updated_at=now, **columns)


@transaction.atomic
def change(*, kit: BrandKit, details: Mapping[str, Any], now: datetime) -> BrandKit:
    """Set the columns named in `details`, leave the others. Raises InvalidBrand."""
    columns = _check(details)
    if columns.get("is_default"):
        _lock(kit.user_id)
        _clear_default(kit.user_id, now)
    return _update(kit, now, **columns)


def set_picture(*, kit: BrandKit, picture: Picture, data: bytes, now: datetime) -> BrandKit:
    """Keep an upload as the kit's logo or avatar. Raises InvalidImage or UnsupportedImage."""
    png = _open_picture(picture, data)
    key = files.store_in(folder=f"brands/{kit.pk}", name=f"{picture}.png", data=png)
    return _update(kit, now, **{f"{picture}_key": key})


def remove_picture(*, kit: BrandKit, picture: Picture, now: datetime) -> BrandKit:
    return _update(kit, now, **{f"{picture}_key": ""})


def remove(*, kit: BrandKit) -> None:
    BrandKit.objects.filter(pk=kit.pk).delete()


def snapshot(kit: BrandKit) -> dict[str, Any]:
    """What a carousel keeps of its brand, as JSON: later changes of the kit do not reach it."""
    return {
        "name": kit.name,
        "handle": kit.handle,
        "logoKey": kit.logo_key,
        "avatarKey": kit.avatar_key,
        "colors": list(kit.colors),
        "fonts": kit.fonts,
    }


def brand_from(snapshot: Mapping[str, Any]) -> Brand:
    """The design engine's value for a snapshot, its files read; an empty one is no brand at all."""
    return Brand(
        name=snapshot.get("name", ""),
        handle=snapshot.get("handle", ""),
        logo=_read(snapshot.get("logoKey", "")),
        avatar=_read(snapshot.get("avatarKey", "")),
        colors=tuple(snapshot.get("colors", ())),
        fonts=snapshot.get("fonts", ""),
    )


def brand_of(kit: BrandKit) -> Brand:
    return brand_from(snapshot(kit))


def _lock(user_id: uuid.UUID) -> None:
    """Two requests at once must not both see room for one more kit, nor both set a default."""
    User.objects.select_for_update(no_key=True).get(pk=user_id)


def _clear_default(user_id: uuid.UUID, now: datetime) -> None:
    BrandKit.objects.filter(user_id=user_id, is_default=True).update(is_default=False, updated_at=now)


def _update(kit: BrandKit, now: datetime, **columns: Any) -> BrandKit:
    if not BrandKit.objects.filter(pk=kit.pk).update(updated_at=now, **columns):
        raise BrandNotFound(kit.pk)  # removed meanwhile
    kit.refresh_from_db()
    return kit


def _check(details: Mapping[str, Any]) -> dict[str, Any]:
    columns = dict(details)
    if "name" in columns:
        columns["name"] = _clean(columns["name"], NAME_LIMIT)
        if not _is_visible(columns["name"]):
            raise InvalidBrand("name", "A brand needs a name")
    if "handle" in columns:
        columns["handle"] = _clean(columns["handle"], HANDLE_LIMIT)
    if "colors" in columns:
        columns["colors"] = list(read_colors(columns["colors"]))
    if "fonts" in columns:
        read_fonts(columns["fonts"])
    return columns


def _is_visible(text: str) -> bool:
    """A name of zero-width spaces alone would be a brand that nobody can tell in a list."""
    return any(unicodedata.category(letter)[0] not in "CZ" for letter in text)


def _clean(text: str, limit: int) -> str:
    # The phrase models that the cleaner brings along stay out of the web process until a brand is written.
    from carousels.design.text.hygiene import clean

    return clean(text, limit=limit)


def _open_picture(picture: Picture, data: bytes) -> bytes:
    # Pillow stays out of the web process until somebody uploads a picture.
    from carousels.design import logo

    return logo.open_logo(data) if picture == "logo" else logo.open_avatar(data)


def _read(key: str) -> bytes:
    return files.read(key) if key else b""
