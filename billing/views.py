"""What a user may know of their money, and the one thing they may set: their time zone."""

from django.http import HttpResponseBase
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from billing import ledger, statements, terms
from billing.serializers import StatementInput, UserInput, user_answer
from rest.envelope import success
from rest.pages import page_of
from rest.spreadsheet import csv_response


class CurrentUser(APIView):
    """GET and PATCH /api/user"""

    def get(self, request: Request) -> Response:
        now = timezone.now()
        return success(user_answer(ledger.open_account(user=request.user, now=now), now=now))

    def patch(self, request: Request) -> Response:
        asked = UserInput(data=request.data)
        asked.is_valid(raise_exception=True)
        now = timezone.now()
        account = terms.set_timezone(user=request.user, now=now, **asked.validated_data)
        return success(user_answer(account, now=now))


class Ledger(APIView):
    """GET /api/credits/ledger: the caller's entries, newest first; as pages, or as one CSV."""

    def get(self, request: Request) -> HttpResponseBase:
        asked = StatementInput(data=request.query_params)
        asked.is_valid(raise_exception=True)
        account = ledger.open_account(user=request.user, now=timezone.now())
        entries = statements.select(account=account, selection=asked.selection())
        if _wants_csv(request, asked.validated_data.get("format")):
            return csv_response(statements.table(entries), name="credits.csv")
        page = page_of(entries, limit=asked.validated_data["limit"], after=asked.validated_data.get("cursor"))
        shown = [statements.describe(entry) for entry in page.rows]
        return success({"entries": shown, "nextCursor": page.next_cursor} | statements.summary(page.rows))


def _wants_csv(request: Request, form: str | None) -> bool:
    return form == "csv" if form else "text/csv" in request.headers.get("Accept", "")
