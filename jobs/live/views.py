"""What a stream begins with, asked like any other call: who is there, what of, from where on."""

from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from jobs import answers, news
from jobs.live.frames import Site
from jobs.serializers import EventsInput
from jobs.views import watched


class JobStream(APIView):
    """What the stream of a job's events begins with, for `jobs/live/stream.py`; no address leads here.

    204, which tells a browser to ask no more, when the client has had the last event there will be.
    """

    permission_classes = [AllowAny]

    def get(self, request: Request, job_id: str) -> Response:
        job = watched(request, job_id)
        had = request.headers.get("Last-Event-ID") or request.query_params.get("after", 0)
        query = EventsInput(data={"after": had})
        query.is_valid(raise_exception=True)
        last = job.events.order_by("-sequence").first()
        after = min(query.validated_data["after"], last.sequence if last else 0)
        if last and last.sequence == after and news.is_end(news.as_json(last)):
            return Response(status=204)
        site = Site(request.build_absolute_uri("/").rstrip("/"))
        snapshot = answers.status(job=job, request=request)
        if "ticket" in request.query_params:  # which makes no fresh one: it would never expire
            snapshot["eventsUrl"] = request.build_absolute_uri()
        return Response({"job_id": str(job.pk), "site": site, "after": after, "snapshot": snapshot})
