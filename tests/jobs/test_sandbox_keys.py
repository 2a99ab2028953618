"""A sandbox key's jobs are rehearsals with real money; nobody gets one in any other way."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import ApiKey
from billing.models import LedgerEntry
from carousels.providers.offline.rehearsal import ScriptedArt, ScriptedText
from jobs import makers
from jobs.models import GenerationJob
from jobs.states import JobStatus, StepKind
from tests import factories
from tests.conftest import api_of
from tests.jobs import fakes
from tests.jobs.test_rehearsals import carry_on

GENERATE = "/api/carousel/generate"
BRIEF = {"prompt": "Digital marketing tips for small businesses", "imageCount": 2}


def generate(api, **extra) -> GenerationJob:
    answer = api.post(GENERATE, BRIEF | extra)
    return GenerationJob.objects.get(pk=answer.json()["data"]["jobId"])


def test_job_of_a_sandbox_key_carries_its_script_and_is_charged_like_any_other(user):
    job = generate(api_of(user, script="429-then-ok"))

    assert job.payload["script"] == "429-then-ok"
    assert factories.credits_of(user) == 9


def test_failed_rehearsal_is_paid_back_like_any_other(user):
    job = carry_on(generate(api_of(user, script="policy")))

    assert (job.status, job.error_code) == (JobStatus.FAILED, "CONTENT_REJECTED")
    entries = LedgerEntry.objects.filter(reference=job.reference).order_by("pk")
    assert list(entries.values_list("kind", "credits")) == [("charge", -1), ("refund", 1)]
    assert factories.credits_of(user) == 10


def test_requeue_keeps_the_script_whoever_asks(user):
    job = carry_on(generate(api_of(user, script="policy")))

    answer = api_of(user).post(f"/api/jobs/{job.pk}/requeue")

    again = carry_on(job)
    assert answer.status_code == 200
    assert (again.run, again.status, again.payload["script"]) == (2, JobStatus.FAILED, "policy")


@pytest.mark.parametrize("script", ["policy", 5, ["ok"], None])
def test_script_in_the_request_is_passed_over(api, user, script):
    job = generate(api, script=script)

    assert "script" not in job.payload
    assert factories.credits_of(user) == 9


def test_script_in_the_request_does_not_replace_the_key_s(user):
    job = generate(api_of(user, script="429-then-ok"), script="ok")

    assert job.payload["script"] == "429-then-ok"


def test_script_in_a_render_is_refused(api, user):
    job = carry_on(generate(api))

    answer = api.post(f"/api/carousel/{job.carousel_id}/render", {"script": "policy"})

    assert (answer.status_code, answer.json()["error"]) == (400, "VALIDATION_ERROR")
    assert GenerationJob.objects.count() == 1


def test_session_has_no_script(user):
    factories.api_key(user, script="policy")
    browser = Client()
    browser.force_login(user)

    answer = browser.post(GENERATE, BRIEF | {"script": "policy"}, content_type="application/json")

    job = GenerationJob.objects.get(pk=answer.json()["data"]["jobId"])
    assert "script" not in job.payload


def test_rehearsal_never_asks_a_configured_provider(user, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-configured")
    monkeypatch.setenv("GOOGLE_AI_API_KEY", "configured")
    job = factories.started_job(user, script="ok")

    steps = {step.kind: step for step in fakes.steps_of(job)}

    assert type(makers.providers_of(steps[StepKind.STRATEGY])[0]) is ScriptedText
    assert type(makers.providers_of(steps[StepKind.SLIDE])[0]) is ScriptedArt


def test_command_makes_a_sandbox_key(user):
    shown = StringIO()

    call_command("createapikey", user.email, "--script", "429-then-ok", stdout=shown)

    assert shown.getvalue().startswith("sk_")
    assert ApiKey.objects.get().script == "429-then-ok"


@pytest.mark.parametrize("script", ["418", "image:bad-json", "ok " * 80])
def test_command_refuses_what_is_no_script_and_makes_no_key(user, script):
    with pytest.raises(CommandError, match="--script: "):
        call_command("createapikey", user.email, "--script", script)

    assert ApiKey.objects.count() == 0
