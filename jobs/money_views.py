"""The calls about what jobs cost: quotes before, receipts after."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from jobs import answers, queue, quotes, receipts, rehearsals
from jobs.serializers import QuoteInput
from jobs.states import JobType
from rest.envelope import success


class Quotes(APIView):
    """POST /api/quotes: writes nothing, so it takes no Idempotency-Key."""

    def post(self, request: Request) -> Response:
        asked = QuoteInput(data=request.data)
        asked.is_valid(raise_exception=True)
        quote = quotes.make(
            user=request.user,
            job_type=JobType(asked.validated_data["jobType"]),
            payload=asked.payload() | rehearsals.asked_by(request.auth),
        )
        return success(answers.quote(quote))


class JobReceipt(APIView):
    """GET /api/jobs/{id}/receipt"""

    def get(self, request: Request, job_id: str) -> Response:
        job = queue.get_of(user=request.user, job_id=job_id)
        return success(answers.receipt(job=job, runs=receipts.runs_of(job)))
