"""The answer to an address below /api/ that does not exist, in every mode of Django."""

from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class UnknownPath(APIView):
    """DEBUG's own 404 page would leave the envelope, so the API ends in this view."""

    authentication_classes = []
    permission_classes = [AllowAny]

    def initial(self, request: Request, *args: object, **kwargs: object) -> Response:
        raise NotFound("There is nothing at this address")
