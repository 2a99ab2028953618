"""The calls that need content and money: generate, status, process, carousel, jobs, cancel, requeue."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import idempotent, key_of
from jobs import answers, queue, recovery, rehearsals, reworks, tickets
from jobs.models import GenerationJob
from jobs.queue import Terms
from jobs.serializers import (
    EventsInput,
    GenerateInput,
    ListInput,
    RedrawInput,
    RenderInput,
    RequeueInput,
    job_summary,
)
from jobs.states import JobType
from rest.bearer import require_secret
from rest.envelope import moment, success

PROCESS_BATCH = 5


class Generate(APIView):
    """POST /api/carousel/generate, and /api/carousel/strategy for the words alone"""

    job_type = JobType.CAROUSEL
    failure = ("INTERNAL_ERROR", "Failed to start generation")

    @idempotent
    def post(self, request: Request) -> Response:
        brief = GenerateInput(data=request.data)
        brief.is_valid(raise_exception=True)
        payload = brief.payload() | rehearsals.asked_by(request.auth)
        submission = queue.submit(
            user=request.user,
            payload=payload,
            now=timezone.now(),
            job_type=self.job_type,
            terms=terms_of(request, brief.max_credits),
        )
        return success(answers.submission(submission), message="Generation started successfully")


class QueueStatus(APIView):
    """GET /api/queue/status/{id}: the one call that looks past the owner, to answer 403."""

    def get(self, request: Request, job_id: str) -> Response:
        job = queue.get(job_id=job_id)
        if job.user_id != request.user.pk:
            raise queue.JobForbidden
        return success(answers.status(job=job, request=request))


class QueueProcess(APIView):
    """POST /api/queue/process, for a scheduler that holds QUEUE_PROCESSOR_SECRET."""

    authentication_classes = []
    permission_classes = [AllowAny]
    failure = ("PROCESSING_ERROR", "Failed to process the queue")

    def post(self, request: Request) -> Response:
        require_secret(request, expected=settings.QUEUE_PROCESSOR_SECRET, whose="The queue processor's")
        now = timezone.now()
        return success(
            {"processed": recovery.start_due(now=now, limit=PROCESS_BATCH), "timestamp": moment(now)}
        )


class CarouselDetail(APIView):
    """GET /api/carousel/{id}"""

    def get(self, request: Request, carousel_id: str) -> Response:
        return success(answers.carousel(user=request.user, carousel_id=carousel_id, request=request))


class CarouselRender(APIView):
    """POST /api/carousel/{id}/render: other ratio, other look, other words; the same pictures, no credit."""

    @idempotent
    def post(self, request: Request, carousel_id: str) -> Response:
        changes = RenderInput(data=request.data)
        changes.is_valid(raise_exception=True)
        submission = reworks.render(
            user=request.user,
            carousel_id=carousel_id,
            payload=changes.validated_data,
            now=timezone.now(),
            terms=terms_of(request),
        )
        return success(answers.submission(submission))


class CarouselRedraw(APIView):
    """POST /api/carousel/{id}/image: one slide's picture again; charges like generate."""

    @idempotent
    def post(self, request: Request, carousel_id: str) -> Response:
        asked = RedrawInput(data=request.data)
        asked.is_valid(raise_exception=True)
        submission = reworks.redraw(
            user=request.user,
            carousel_id=carousel_id,
            payload=asked.payload() | rehearsals.asked_by(request.auth),
            now=timezone.now(),
            terms=terms_of(request, asked.max_credits),
        )
        return success(answers.submission(submission))


class JobList(APIView):
    """GET /api/jobs?limit=10"""

    def get(self, request: Request) -> Response:
        query = ListInput(data=request.query_params)
        query.is_valid(raise_exception=True)
        jobs = queue.of_user(request.user, limit=query.validated_data["limit"])
        return success([job_summary(job) for job in jobs])


class JobEvents(APIView):
    """GET /api/jobs/{id}/events?after=0: what happened to the job, oldest first; or `?ticket=...`."""

    permission_classes = [AllowAny]

    def get(self, request: Request, job_id: str) -> Response:
        job = watched(request, job_id)
        query = EventsInput(data=request.query_params)
        query.is_valid(raise_exception=True)
        return success(answers.events(job=job, after=query.validated_data["after"], request=request))


class JobCancel(APIView):
    """POST /api/jobs/{id}/cancel"""

    @idempotent
    def post(self, request: Request, job_id: str) -> Response:
        job = queue.get_of(user=request.user, job_id=job_id)
        cancelled = queue.cancel(job_id=job.pk, by=f"user:{request.user.pk}", now=timezone.now())
        return success(job_summary(cancelled))


class JobRequeue(APIView):
    """POST /api/jobs/{id}/requeue: charges like generate."""

    @idempotent
    def post(self, request: Request, job_id: str) -> Response:
        job = queue.get_of(user=request.user, job_id=job_id)
        options = RequeueInput(data=request.data)
        options.is_valid(raise_exception=True)
        requeued = queue.requeue(
            job_id=job.pk,
            by=f"user:{request.user.pk}",
            now=timezone.now(),
            delay=timedelta(seconds=options.validated_data.get("delay", 0)),
            terms=terms_of(request, options.max_credits),
        )
        return success(job_summary(requeued))


def terms_of(request: Request, max_credits: int | None = None) -> Terms:
    return Terms(max_credits=max_credits, request_id=key_of(request) or "")


def watched(request: Request, job_id: str) -> GenerationJob:
    """The job whose events are asked for, by its owner or by who holds a ticket for it."""
    ticket = request.query_params.get("ticket")
    if ticket is not None:
        tickets.check(ticket=ticket, job_id=job_id)
        return queue.get(job_id=job_id)
    if request.user is None:
        raise NotAuthenticated
    return queue.get_of(user=request.user, job_id=job_id)
