"""What support staff sees of jobs, and how they requeue and cancel them."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from billing.models import LedgerEntry
from jobs import endings, failures, pipeline, queue
from jobs.models import GenerationJob, JobEvent, JobStep, ProviderCall
from jobs.states import JobStatus
from jobs.transitions import lock_job
from tests import factories
from tests.conftest import staff_client
from tests.jobs import fakes

LIST = "admin:jobs_generationjob_changelist"
FREE, CHARGED, CANCEL = (
    f"admin:jobs_generationjob_{name}" for name in ("requeue-free", "requeue-charged", "cancel")
)


def failed_job(user, **changes) -> GenerationJob:
    job = factories.started_job(user, **changes)
    with transaction.atomic():
        endings.fail(job=lock_job(job.pk), failure=failures.crashed(), now=timezone.now())
    job.refresh_from_db()
    return job


def form_of(name, *jobs) -> str:
    return reverse(name) + "?" + "&".join(f"id={job.pk}" for job in jobs)


def send(client, name, *jobs, reason="the disk was full", **fields):
    """Draw the form as the browser does, fill it in and send it."""
    drawn = client.get(form_of(name, *jobs)).context["form"].initial["drawn"]
    return client.post(form_of(name, *jobs), {"reason": reason, "drawn": drawn} | fields)


def told(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def state(job) -> tuple:
    job.refresh_from_db()
    return job.status, job.run, factories.credits_of(job.user), JobEvent.objects.filter(job=job).count()


@pytest.fixture
def viewer(db):
    """Staff that may only look."""
    return staff_client("jobs.view_generationjob")


@pytest.fixture
def job(user):
    return failed_job(user)


def test_every_list_and_page_of_jobs_is_shown(operator, user):
    factories.work_off(factories.job(user, imageCount=2))

    for model in (GenerationJob, JobStep, JobEvent, ProviderCall):
        name, row = f"admin:jobs_{model._meta.model_name}", model.objects.first()
        pages = [reverse(f"{name}_changelist"), reverse(f"{name}_change", args=[row.pk])]
        assert [operator.get(page).status_code for page in pages] == [200, 200], model


def test_nobody_adds_edits_or_deletes_what_belongs_to_jobs(operator, user):
    factories.work_off(factories.job(user, imageCount=2))

    for model in (GenerationJob, JobStep, JobEvent, ProviderCall):
        name, before = f"admin:jobs_{model._meta.model_name}", list(model.objects.order_by("pk").values())
        pages = [reverse(f"{name}_add")]
        pages += [reverse(f"{name}_{verb}", args=[before[0]["id"]]) for verb in ("change", "delete")]
        answers = [operator.post(page, {"status": "failed", "post": "yes"}).status_code for page in pages]
        assert answers == [403, 403, 403], model
        assert list(model.objects.order_by("pk").values()) == before


def test_timeline_tells_which_try_failed_and_when_the_next_comes(operator, user, monkeypatch):
    fakes.choose(monkeypatch, text=fakes.FakeText(fakes.failure(retry_after=90)))
    monkeypatch.setattr(pipeline.random, "random", lambda: 0.0)
    job = factories.attempted_job(user)

    page = operator.get(reverse("admin:jobs_generationjob_change", args=[job.pk])).content.decode()

    assert "after try 1, in 90 s" in page
    put_back = JobEvent.objects.filter(job=job).latest("sequence")
    assert put_back.at.isoformat(sep=" ", timespec="milliseconds")[:23] in page


def test_job_page_tells_steps_timeline_calls_and_ledger(operator, user):
    job = factories.work_off(factories.job(user, imageCount=2))

    page = operator.get(reverse("admin:jobs_generationjob_change", args=[job.pk]))

    shown = {table.opts.model: len(table.formset.queryset) for table in page.context["inline_admin_formsets"]}
    assert shown == {JobStep: 4, JobEvent: job.events.count(), ProviderCall: 3}
    assert [(entry.kind, entry.credits) for entry in page.context["entries"]] == [("charge", -1)]


def test_job_page_says_what_its_calls_cost_and_guesses_no_cost(operator, user):
    job = factories.work_off(factories.job(user, imageCount=2))
    words, *pictures = job.provider_calls.order_by("pk").values_list("pk", flat=True)
    job.provider_calls.filter(pk=words).update(cost_usd=Decimal("0.0013"))
    job.provider_calls.filter(pk=pictures[0]).update(cost_usd=None, expected_cost_usd=Decimal("0.048"))

    page = operator.get(reverse("admin:jobs_generationjob_change", args=[job.pk])).content.decode()

    assert "0.001300 for 3 calls; not known of 1 of them" in page
    assert [page.count(told) for told in (">0.001300<", ">not known, 0.048000 expected<")] == [1, 1]


def test_timeline_names_the_owner_and_the_operator_in_words(operator, boss, user):
    job = failed_job(user)
    send(operator, FREE, job)

    page = operator.get(reverse("admin:jobs_generationjob_change", args=[job.pk])).content.decode()

    assert f"user:{user.pk}" not in page
    assert [page.count(f">{who}<") for who in ("its owner", f"operator:{boss.email}")] == [1, 1]


@pytest.mark.parametrize(
    ("status", "offered"),
    [
        ("failed", ["Requeue, free of charge", "Requeue and charge the owner"]),
        ("queued", ["Cancel"]),
        ("completed", []),
    ],
)
def test_job_page_offers_the_verbs_its_state_allows(operator, user, status, offered):
    made = {
        "failed": failed_job,
        "queued": factories.job,
        "completed": lambda user: factories.work_off(factories.job(user, imageCount=2)),
    }[status](user)

    page = operator.get(reverse("admin:jobs_generationjob_change", args=[made.pk]))

    assert [link["title"] for link in page.context["operator_links"]] == offered


def test_search_finds_a_job_by_its_id_its_carousel_its_owner_and_its_prompt(operator, user):
    wanted = factories.job(user, prompt="A prompt about lighthouses")
    factories.job(factories.user(), prompt="Something else altogether")

    for term in (wanted.pk, wanted.carousel_id, user.pk, user.email.upper(), "lighthouse"):
        page = operator.get(reverse(LIST), {"q": str(term)})
        assert [job.pk for job in page.context["cl"].result_list] == [wanted.pk], term


def test_list_tells_why_jobs_failed_and_is_searched_by_it(operator, user):
    failed, _queued = failed_job(user), factories.job(user)

    page = operator.get(reverse(LIST), {"q": failed.error_code})

    assert [job.pk for job in page.context["cl"].result_list] == [failed.pk]
    assert f'class="field-error_code">{failed.error_code}<' in page.content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_list_of_jobs_costs_the_same_queries_for_any_number(operator, user, count, django_assert_num_queries):
    for _ in range(count):
        factories.job(user)

    with django_assert_num_queries(4):  # session, operator, count, rows
        operator.get(reverse(LIST))


def test_actions_of_the_list_lead_to_a_form_for_the_chosen_jobs(operator, job):
    for action, name in (("requeue_free", FREE), ("requeue_charged", CHARGED), ("cancel", CANCEL)):
        answer = operator.post(reverse(LIST), {"action": action, "_selected_action": [job.pk], "index": 0})
        assert (answer.status_code, answer.url) == (302, form_of(name, job))


def test_requeue_free_of_charge_gives_a_run_and_takes_nothing(operator, boss, job):
    before = factories.credits_of(job.user)

    answer = send(operator, FREE, job)

    assert state(job)[:3] == (JobStatus.QUEUED, 2, before)
    event = job.events.order_by("sequence").last()
    assert (event.by, event.reason) == (f"operator:{boss.email}", "the disk was full")
    assert told(answer) == [
        f"Requeued, free of charge: {job.user.email}: 5 pricing mistakes freelancers make (failed, run 1)"
    ]
    audit = LogEntry.objects.get()
    assert (audit.user, audit.object_id) == (boss, str(job.pk))
    assert audit.change_message == "Requeue, free of charge: the disk was full"


def test_requeue_that_charges_takes_the_price_under_the_new_run(operator, job):
    before = factories.credits_of(job.user)

    send(operator, CHARGED, job)

    assert state(job)[:3] == (JobStatus.QUEUED, 2, before - 1)
    assert LedgerEntry.objects.filter(reference=job.reference).values_list("kind", "credits").get() == (
        "charge",
        -1,
    )


def test_requeue_with_a_delay_waits_that_long(operator, job):
    before = timezone.now()

    send(operator, FREE, job, delay="90")

    job.refresh_from_db()
    assert timedelta(minutes=90) <= job.scheduled_at - before < timedelta(minutes=91)


def test_cancel_stops_the_job_and_pays_back(operator, boss, user):
    job = factories.job(user)

    send(operator, CANCEL, job, reason="asked on the phone")

    assert state(job)[:3] == (JobStatus.CANCELLED, 1, 10)
    assert LedgerEntry.objects.get(kind="refund").actor == f"operator:{boss.email}"
    assert LogEntry.objects.get().change_message == "Cancel: asked on the phone"


@pytest.mark.parametrize("name", [FREE, CHARGED, CANCEL])
@pytest.mark.parametrize("reason", ["", "   "])
def test_form_without_a_reason_changes_nothing(operator, job, name, reason):
    before = state(job)

    answer = send(operator, name, job, reason=reason)

    assert answer.context["form"].errors == {"reason": ["This field is required."]}
    assert (state(job), LogEntry.objects.count()) == (before, 0)


def test_form_sent_twice_gives_one_run_even_if_that_run_has_failed_meanwhile(operator, job):
    drawn = operator.get(form_of(CHARGED, job)).context["form"].initial["drawn"]
    fields = {"reason": "twice", "drawn": drawn}
    operator.post(form_of(CHARGED, job), fields)
    queue.cancel(job_id=job.pk, by="test", now=timezone.now())
    before = state(job)

    second = operator.post(form_of(CHARGED, job), fields)

    assert told(second)[-1].startswith(
        "Not requeued and charged, because it has had another run since this form was drawn: "
    )
    assert (state(job), LogEntry.objects.count()) == (before, 1)


def test_cancel_sent_twice_is_told_and_kept_once(operator, user):
    job = factories.job(user)
    drawn = operator.get(form_of(CANCEL, job)).context["form"].initial["drawn"]
    fields = {"reason": "twice", "drawn": drawn}
    operator.post(form_of(CANCEL, job), fields)
    before = state(job)

    second = operator.post(form_of(CANCEL, job), fields)

    assert told(second)[-1].startswith("Not cancelled, because it is cancelled: ")
    assert (state(job), LogEntry.objects.count()) == (before, 1)


def test_each_job_that_refuses_is_told_why_and_the_others_go_through(operator, user):
    poor, limited = factories.user(credits=1), factories.user(daily_limit=1)
    good, queued = failed_job(user, prompt="The one that goes through"), factories.job(factories.user())
    poor_job, limited_job = failed_job(poor), failed_job(limited)
    factories.job(poor), factories.job(limited)
    refused = [queued, poor_job, limited_job]
    before = [state(job) for job in refused]

    answer = send(operator, CHARGED, good, *refused)

    assert state(good)[:2] == (JobStatus.QUEUED, 2)
    assert [state(job) for job in refused] == before
    assert [message.partition(": ")[0] for message in told(answer)] == [
        "Requeued and charged",
        "Not requeued and charged, because it is queued",
        "Not requeued and charged, because its owner lacks the credits",
        "Not requeued and charged, because its owner has reached today's limit of 1",
    ]
    assert list(LogEntry.objects.values_list("object_id", flat=True)) == [str(good.pk)]


def test_more_jobs_than_a_page_holds_are_refused_whole(operator, user, monkeypatch):
    monkeypatch.setattr("accounts.desk.ROWS_PER_PAGE", 1)
    jobs = [failed_job(user), failed_job(user)]

    answer = operator.post(
        reverse(LIST), {"action": "requeue_free", "_selected_action": [job.pk for job in jobs], "index": 0}
    )

    assert (answer.url, told(answer)) == (reverse(LIST), ["Choose 1 rows at most."])


def test_form_for_jobs_that_are_gone_leads_back_to_the_list(operator):
    answer = operator.get(reverse(FREE), {"id": ["nonsense", "7b0e0f8e-0000-4000-8000-000000000000"]})

    assert (answer.url, told(answer)) == (reverse(LIST), ["None of these rows is there any more."])


@pytest.mark.parametrize("name", [FREE, CHARGED, CANCEL])
def test_staff_that_may_only_look_can_neither_draw_nor_send_a_form(viewer, job, name):
    before = state(job)
    action = name.rpartition("_")[2].replace("-", "_")
    fields = {"reason": "let me", "drawn": job.reference}

    listed = viewer.post(reverse(LIST), {"action": action, "_selected_action": [job.pk], "index": 0})

    assert listed.status_code == 200  # the list again: no action is offered
    assert viewer.get(form_of(name, job)).status_code == 403
    assert viewer.post(form_of(name, job), fields).status_code == 403
    assert (state(job), LogEntry.objects.count()) == (before, 0)


def test_staff_that_may_only_look_sees_the_job_without_what_is_not_theirs(viewer, job):
    page = viewer.get(reverse("admin:jobs_generationjob_change", args=[job.pk]))

    assert (page.status_code, page.context["operator_links"], page.context["entries"]) == (200, [], None)
    assert page.context["inline_admin_formsets"] == []
