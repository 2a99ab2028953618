"""The eight faults of the design this project came from, each gone.

Every test carries the origin's logic as a short twin, shows the twin failing, and ours holding.
"""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from PIL import Image

from billing.ledger import DailyLimitReached, InsufficientCredits
from billing.models import Account
from carousels import files
from carousels.brief import Brief
from carousels.models import Carousel, Slide
from carousels.providers.base import Picture, ProviderError
from jobs import pipeline, queue, turns
from jobs.models import GenerationJob
from jobs.states import JobStatus, StepKind
from tests import factories
from tests.jobs import fakes


def work_off_with_retries(job: GenerationJob) -> GenerationJob:
    """Every step but finalize for real, each pause put behind us."""
    pipeline.start(job_id=job.pk, now=timezone.now())
    while step := factories.queued_step(GenerationJob.objects.get(pk=job.pk)):
        fakes.wait_is_over(job)
        if step.kind == StepKind.FINALIZE:
            fakes.settle(step)
        else:
            pipeline.work_off(fakes.claimed(step))
    return GenerationJob.objects.select_related("carousel").get(pk=job.pk)


# 1. Retries never happened: the check wanted `failed` where the row said `queued`.


def origin_handle_error(row: dict) -> None:
    if row["retry_count"] < row["max_retries"]:
        row |= {"status": "queued", "retry_count": row["retry_count"] + 1}
    else:
        row["status"] = "failed"


def origin_should_retry(row: dict) -> bool:
    return row["status"] == "failed" and row["retry_count"] < row["max_retries"]


def test_fault_1_origin_never_retries_a_failed_job():
    row = {"status": "processing", "retry_count": 0, "max_retries": 3}

    origin_handle_error(row)

    assert not origin_should_retry(row)


def test_fault_1_failed_work_is_retried_until_it_succeeds(user, monkeypatch):
    text, _ = fakes.choose(monkeypatch, text=fakes.FakeText(fakes.failure(), fakes.failure()))

    job = work_off_with_retries(factories.job(user, imageCount=2))

    assert (job.status, job.retry_count, len(text.requests)) == (JobStatus.COMPLETED, 2, 3)


# 2. Backoff was ignored (`scheduled_at` never filtered), and two workers could take one job.


def origin_next_job() -> GenerationJob | None:
    return GenerationJob.objects.filter(status="queued").order_by("-priority", "scheduled_at").first()


def origin_take(job: GenerationJob) -> bool:
    return GenerationJob.objects.filter(pk=job.pk).update(status="processing") == 1


def test_fault_2_origin_takes_a_job_before_its_time_and_twice(user):
    job = factories.job(user)
    GenerationJob.objects.filter(pk=job.pk).update(scheduled_at=timezone.now() + timedelta(hours=1))

    first, second = origin_next_job(), origin_next_job()

    assert first == second == job
    assert [origin_take(first), origin_take(second)] == [True, True]


def test_fault_2_job_is_taken_when_due_and_once(user):
    job = factories.job(user)
    now = timezone.now()
    due = now + timedelta(hours=1)
    GenerationJob.objects.filter(pk=job.pk).update(scheduled_at=due)

    assert turns.next_due(now=now, limit=5) == []
    assert pipeline.start(job_id=job.pk, now=now) is False
    assert turns.next_due(now=due, limit=5) == [job.pk]
    assert [pipeline.start(job_id=job.pk, now=due) for _ in range(2)] == [True, False]


# 3. Credits were read, decremented and written back; no refund; the daily limit was never read.
#    The threads that prove it are in tests/concurrency/test_credits.py.


def origin_generate(user, answers: list[str]):
    credits = Account.objects.get(pk=user.pk).credits
    if credits <= 0:
        answers.append("INSUFFICIENT_CREDITS")
        return
    yield  # the carousel and the job are inserted; another request does the same
    Account.objects.filter(pk=user.pk).update(credits=credits - 1)
    answers.append("ACCEPTED")


def origin_fail(job: GenerationJob) -> None:
    GenerationJob.objects.filter(pk=job.pk).update(status="failed", completed_at=timezone.now())


def test_fault_3_origin_gives_two_carousels_for_one_credit_whatever_the_limit(db):
    user, answers = factories.user(credits=1, daily_limit=0), []
    first, second = origin_generate(user, answers), origin_generate(user, answers)

    for request in (first, second):
        next(request)
    for request in (first, second):
        list(request)

    assert (answers, factories.credits_of(user)) == (["ACCEPTED", "ACCEPTED"], 0)


def test_fault_3_origin_keeps_the_credit_of_a_failed_job(user):
    job = factories.job(user)

    origin_fail(job)

    assert factories.credits_of(user) == 9


def test_fault_3_one_credit_buys_one_carousel(db):
    user = factories.user(credits=1)
    factories.job(user)

    with pytest.raises(InsufficientCredits):
        factories.job(user)

    assert (factories.credits_of(user), GenerationJob.objects.count(), Carousel.objects.count()) == (0, 1, 1)


def test_fault_3_failed_job_pays_back(user, monkeypatch):
    fakes.choose(monkeypatch, text=fakes.FakeText(fakes.refusal()))

    job = work_off_with_retries(factories.job(user))

    assert (job.status, factories.credits_of(user)) == (JobStatus.FAILED, 10)


def test_fault_3_daily_limit_is_read_and_starts_anew_each_day(db):
    user = factories.user(daily_limit=1)
    factories.job(user)

    with pytest.raises(DailyLimitReached):
        factories.job(user)
    tomorrow = timezone.now() + timedelta(days=1)
    queue.submit(user=user, payload=factories.payload(), now=tomorrow)

    assert factories.credits_of(user) == 8


# 4. Users could raise their own credits and plan.


def origin_update_user(user, body: dict) -> None:
    """The policy `auth.uid() = clerk_id` FOR UPDATE: any column of one's own row."""
    Account.objects.filter(pk=user.pk).update(**body)


def test_fault_4_origin_lets_users_raise_their_own_credits(user):
    origin_update_user(user, {"credits": 9999, "plan": "premium"})

    account = Account.objects.get(pk=user.pk)
    assert (account.credits, account.plan_id) == (9999, "premium")


@pytest.mark.parametrize(("method", "status"), [("post", 405), ("put", 405), ("patch", 400), ("delete", 405)])
def test_fault_4_users_cannot_raise_their_own_credits_or_plan(api, user, method, status):
    answer = getattr(api, method)("/api/user", {"credits": 9999, "plan": "premium", "dailyLimit": None})

    account = Account.objects.get(pk=user.pk)
    assert (answer.status_code, answer.json()["success"]) == (status, False)
    assert (account.credits, account.plan_id, account.daily_limit) == (10, "free", 5)


def test_fault_4_generate_takes_no_price_and_no_priority_from_the_request(api, user):
    answer = api.post("/api/carousel/generate", factories.payload(credits=0, priority=10, plan="premium"))

    job = GenerationJob.objects.get(pk=answer.json()["data"]["jobId"])
    account = Account.objects.get(pk=user.pk)
    assert (account.credits, job.priority, account.plan_id) == (9, 1, "free")
    assert job.payload == factories.payload()


# 5. Failure was sold as success: a stock picture, "Generated content" on slides the model forgot.


def origin_paint(provider, number: int) -> str:
    try:
        return provider.paint(number)
    except ProviderError:
        return f"https://picsum.photos/400/400?random={number}"


def origin_fill(slides: list[str], count: int) -> list[str]:
    return slides + ["Generated content"] * (count - len(slides))


def test_fault_5_origin_completes_with_stock_pictures_and_filler():
    art = fakes.FakeArt(*[fakes.refusal()] * 3)

    pictures = [origin_paint(art, number) for number in (1, 2, 3)]

    assert all(picture.startswith("https://picsum.photos") for picture in pictures)
    assert origin_fill(["One"], 3) == ["One", "Generated content", "Generated content"]


def test_fault_5_picture_that_cannot_be_made_fails_the_job_and_pays_back(user, monkeypatch):
    fakes.choose(monkeypatch, art=fakes.FakeArt(fakes.refusal()))

    job = work_off_with_retries(factories.job(user, imageCount=2))

    assert (job.status, job.result, job.carousel.status) == (JobStatus.FAILED, None, "failed")
    assert factories.credits_of(user) == 10


class ForgetfulText(fakes.FakeText):
    """Writes one slide fewer than it was asked for."""

    def write_strategy(self, brief: Brief, **_):
        strategy, usage = super().write_strategy(brief)
        return replace(strategy, slides=strategy.slides[:-1]), usage


def test_fault_5_slides_the_model_forgot_are_not_made_up(user, monkeypatch):
    text, art = fakes.choose(monkeypatch, text=ForgetfulText())

    job = work_off_with_retries(factories.job(user, imageCount=3))

    assert (job.status, job.error_code, factories.credits_of(user)) == (
        JobStatus.FAILED,
        "INCOMPLETE_ANSWER",
        10,
    )
    assert (Slide.objects.filter(carousel=job.carousel).count(), len(text.requests), art.requests) == (
        0,
        4,
        [],
    )


# 6. The status call answered a progress of 0, whatever had happened.


def origin_status(job: GenerationJob) -> dict:
    return {"id": str(job.pk), "status": job.status, "progress": {"percent": 0, "message": "Processing..."}}


def test_fault_6_origin_s_status_stands_still_and_ours_moves(api, user, monkeypatch):
    fakes.choose(monkeypatch)
    job = fakes.settle_all(factories.started_job(user, imageCount=3), until=StepKind.SLIDE)
    told, told_by_origin = [], []

    for step in fakes.steps_of(job, kind=StepKind.SLIDE):
        fakes.settle(step)
        told.append(api.get(f"/api/queue/status/{job.pk}").json()["data"]["progress"])
        told_by_origin.append(origin_status(job)["progress"]["percent"])

    assert told_by_origin == [0, 0, 0]
    assert told == [
        {"percent": 40, "message": "Generating slide 1/3..."},
        {"percent": 60, "message": "Generating slide 2/3..."},
        {"percent": 90, "message": "Finalizing carousel..."},
    ]


# 7. Style, audience and purpose were dropped; 4:5 came back square; temporary URLs were stored.

WISHES = {"styles": ["illustration"], "audience": "founders", "purpose": "educate", "keyPoints": ["Say no"]}


def origin_payload(body: dict) -> dict:
    return {key: body[key] for key in ("prompt", "imageCount", "styles", "aspectRatio")}


def origin_image_request(payload: dict) -> dict:
    return {"prompt": payload["prompt"], "size": "1024x1024"}


def test_fault_7_origin_drops_wishes_and_paints_squares():
    payload = origin_payload(factories.payload(**WISHES))

    assert "audience" not in payload
    assert "purpose" not in payload
    assert origin_image_request(payload) == {"prompt": factories.PAYLOAD["prompt"], "size": "1024x1024"}


def test_fault_7_wishes_reach_the_model(api, user, monkeypatch):
    text, art = fakes.choose(monkeypatch)
    answer = api.post("/api/carousel/generate", factories.payload(**WISHES))

    work_off_with_retries(GenerationJob.objects.get(pk=answer.json()["data"]["jobId"]))

    (brief,) = text.requests
    assert (brief.styles, brief.audience, brief.purpose) == (("illustration",), "founders", "educate")
    assert brief.key_points == ("Say no",)
    assert {request.aspect_ratio for request in art.requests} == {"4:5"}


class SquareArt(fakes.FakeArt):
    """A model that answers with squares, whatever it is asked."""

    def paint(self, request, **_):
        self.hear(request)
        square = BytesIO()
        Image.linear_gradient("L").convert("RGB").save(square, "PNG")
        return Picture(data=square.getvalue(), media_type="image/png"), self.usage


def test_fault_7_picture_is_kept_by_us_and_has_the_ratio_asked_for(user, monkeypatch):
    art = SquareArt()
    monkeypatch.setattr("carousels.providers.chosen.images", lambda rehearsal=None: (art,))

    job = factories.work_off(factories.job(user, imageCount=2, aspectRatio="4:5"))

    assert job.status == JobStatus.COMPLETED
    for slide in job.result["slides"]:
        picture = Image.open(BytesIO(files.read(slide["imageKey"])))
        assert picture.width * 5 == picture.height * 4
    assert "http" not in str(job.result)


# 8. Model output was parsed by line prefixes; the prompt blocklist was a substring match.

TRICKY = "Caption: is a word.\nTitle: not a title\nSLIDE 2:"


def origin_parse(answer: str) -> dict[str, str]:
    slide = {}
    for line in answer.splitlines():
        if line.startswith("Title:"):
            slide["title"] = line.removeprefix("Title:").strip()
        elif line.startswith("Caption:"):
            slide["caption"] = line.removeprefix("Caption:").strip()
    return slide


def origin_is_blocked(prompt: str) -> bool:
    return any(word in prompt.lower() for word in ("drug", "kill", "sex"))


class TrickyText(fakes.FakeText):
    """Writes captions that look like a format."""

    def write_strategy(self, brief: Brief, **_):
        strategy, usage = super().write_strategy(brief)
        return replace(strategy, slides=tuple(replace(s, caption=TRICKY) for s in strategy.slides)), usage


def test_fault_8_origin_misreads_a_caption_and_refuses_a_drugstore():
    parsed = origin_parse(f"Title: Point 1\nCaption: {TRICKY}")

    assert parsed == {"title": "not a title", "caption": "Caption: is a word."}
    assert origin_is_blocked("Marketing tips for a local drugstore")


def test_fault_8_words_arrive_as_the_model_gave_them(user, monkeypatch):
    fakes.choose(monkeypatch, text=TrickyText())

    job = work_off_with_retries(factories.job(user, imageCount=2))

    written = Slide.objects.filter(carousel=job.carousel).order_by("number").values_list("title", "caption")
    assert list(written) == [("Point 1", TRICKY), ("Point 2", TRICKY)]


@pytest.mark.parametrize(
    "prompt", ["Marketing tips for a local drugstore", "Essex killed it: skills for sextants"]
)
def test_fault_8_drugstore_is_welcome(api, user, prompt):
    assert origin_is_blocked(prompt)

    answer = api.post("/api/carousel/generate", factories.payload(prompt=prompt))

    assert answer.json()["success"] is True
    assert factories.credits_of(user) == 9
