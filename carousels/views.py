"""Files by their signed address: the signature is the permission, so a plain <img> can load them."""

from django.conf import settings
from django.http import FileResponse
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from carousels import files


class SignedFile(APIView):
    """GET /api/files/{key}?signature=..."""

    authentication_classes = []
    permission_classes = [AllowAny]

    def get(self, request: Request, key: str) -> FileResponse:
        file, media_type = files.open_signed(key=key, signature=request.query_params.get("signature", ""))
        response = FileResponse(file, content_type=media_type)
        # The bytes under a key never change, but the permission ends with the address.
        response["Cache-Control"] = f"private, max-age={settings.FILE_URL_SECONDS}, immutable"
        response["X-Content-Type-Options"] = "nosniff"
        return response
