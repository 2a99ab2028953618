"""The product's addresses, and a view that does nothing: what a call costs before it does anything."""

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from rest.envelope import success
from socialsaas import urls


class Empty(APIView):
    """POST: who asks and what is known, and no more."""

    def post(self, request: Request) -> Response:
        return success({"bytes": len(request.data)})


urlpatterns = [path("api/bench/empty", Empty.as_view()), *urls.urlpatterns]
