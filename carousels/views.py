"""Files by their signed address: the signature is the permission, so a plain <img> or <a> can load them."""

import unicodedata
from urllib.parse import quote

from django.conf import settings
from django.http import FileResponse, StreamingHttpResponse
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from carousels import exporting, files
from carousels.models import Carousel

BLOCK = 256 * 1024  # bytes read and sent at a time; with Django's 4 KiB a picture is a thousand of them


class SignedFile(APIView):
    """GET /api/files/{key}?signature=..."""

    authentication_classes = []
    permission_classes = [AllowAny]

    def get(self, request: Request, key: str) -> FileResponse:
        file, media_type = files.open_signed(key=key, signature=request.query_params.get("signature", ""))
        response = FileResponse(file, content_type=media_type)
        response.block_size = BLOCK
        # The bytes under a key never change, but the permission ends with the address.
        response["Cache-Control"] = f"private, max-age={settings.FILE_URL_SECONDS}, immutable"
        response["X-Content-Type-Options"] = "nosniff"
        return response


class CarouselExport(APIView):
    """GET /api/carousel/{id}/export, for its owner or with ?signature=..."""

    permission_classes = [AllowAny]

    def get(self, request: Request, carousel_id: str) -> StreamingHttpResponse:
        carousel = _exported(request, carousel_id)
        archive, name = exporting.export(carousel=carousel)
        response = StreamingHttpResponse(archive.stream(), content_type="application/zip")
        response["Content-Length"] = str(archive.length)
        response["Content-Disposition"] = _attachment(name)
        # A carousel set anew has another pack at the same address.
        response["Cache-Control"] = "private, no-cache"
        response["X-Content-Type-Options"] = "nosniff"
        return response


def _exported(request: Request, carousel_id: str) -> Carousel:
    signature = request.query_params.get("signature")
    if signature is not None:
        return exporting.get_signed(carousel_id=carousel_id, signature=signature)
    if request.user is None:
        raise NotAuthenticated
    return exporting.get_of(user=request.user, carousel_id=carousel_id)


def _attachment(name: str) -> str:
    """Both spellings of RFC 6266: tools that know no UTF-8 save it under what ASCII can say."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().strip("-")
    plain = plain if plain[:1].isalpha() else f"carousel-{plain}"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
