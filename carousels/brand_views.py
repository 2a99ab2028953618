"""Brand kits over HTTP: JSON for their words and colours, the file itself for logo and avatar."""

from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import idempotent
from carousels import brands, files
from carousels.design.brand import COLORS_MAX
from carousels.models import BrandKit
from rest.envelope import moment, success
from rest.fields import StrictBooleanField, StrictCharField, StrictListField, StrictSerializer
from rest.uploads import FormFileParser, RawFileParser, UploadNegotiation


class BrandInput(StrictSerializer):
    """`fonts` is the name of the theme whose fonts are meant."""

    name = StrictCharField(max_length=brands.NAME_LIMIT)
    handle = StrictCharField(max_length=brands.HANDLE_LIMIT, required=False, allow_blank=True)
    colors = StrictListField(child=StrictCharField(max_length=7), max_length=COLORS_MAX, required=False)
    fonts = StrictCharField(max_length=40, required=False, allow_blank=True)
    isDefault = StrictBooleanField(source="is_default", required=False)


class BrandList(APIView):
    """GET and POST /api/brands"""

    def get(self, request: Request) -> Response:
        return success([brand_answer(kit, request) for kit in brands.of_user(request.user)])

    @idempotent
    def post(self, request: Request) -> Response:
        given = BrandInput(data=request.data)
        given.is_valid(raise_exception=True)
        kit = brands.create(user=request.user, details=given.validated_data, now=timezone.now())
        return success(brand_answer(kit, request))


class BrandDetail(APIView):
    """GET, PATCH and DELETE /api/brands/{id}"""

    def get(self, request: Request, brand_id: str) -> Response:
        return success(brand_answer(brands.get_of(user=request.user, brand_id=brand_id), request))

    def patch(self, request: Request, brand_id: str) -> Response:
        kit = brands.get_of(user=request.user, brand_id=brand_id)
        given = BrandInput(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        changed = brands.change(kit=kit, details=given.validated_data, now=timezone.now())
        return success(brand_answer(changed, request))

    def delete(self, request: Request, brand_id: str) -> Response:
        kit = brands.get_of(user=request.user, brand_id=brand_id)
        brands.remove(kit=kit)
        return success({"id": str(kit.pk)})


class BrandPicture(APIView):
    """PUT and DELETE /api/brands/{id}/logo and /avatar: the file as the body, or in a form."""

    parser_classes = [FormFileParser, RawFileParser]
    content_negotiation_class = UploadNegotiation
    picture: brands.Picture = "logo"

    def put(self, request: Request, brand_id: str) -> Response:
        kit = brands.get_of(user=request.user, brand_id=brand_id)
        changed = brands.set_picture(
            kit=kit, picture=self.picture, data=request.data or b"", now=timezone.now()
        )
        return success(brand_answer(changed, request))

    def delete(self, request: Request, brand_id: str) -> Response:
        kit = brands.get_of(user=request.user, brand_id=brand_id)
        changed = brands.remove_picture(kit=kit, picture=self.picture, now=timezone.now())
        return success(brand_answer(changed, request))


def brand_answer(kit: BrandKit, request: Request) -> dict[str, Any]:
    return {
        "id": str(kit.pk),
        "name": kit.name,
        "handle": kit.handle,
        "colors": kit.colors,
        "fonts": kit.fonts,
        "isDefault": kit.is_default,
        "logoUrl": files.address(key=kit.logo_key, request=request) if kit.logo_key else None,
        "avatarUrl": files.address(key=kit.avatar_key, request=request) if kit.avatar_key else None,
        "createdAt": moment(kit.created_at),
        "updatedAt": moment(kit.updated_at),
    }
