"""GET /api/metrics: numbers for a collector that holds the secret."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from billing.models import LedgerAudit
from carousels.providers.base import Remedy
from jobs import breaker, reservations
from jobs.states import CallPurpose
from socialsaas.health import metrics
from tests import factories
from tests.jobs import broker, fakes

SECRET = "collector"
DEAD = "redis://127.0.0.1:1/0"


def samples() -> dict[str, str]:
    """By name and labels."""
    lines = metrics.as_text(now=timezone.now()).splitlines()
    return dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))


def collect(secret: str = SECRET):
    return APIClient().get("/api/metrics", headers={"Authorization": f"Bearer {secret}"})


def test_collector_gets_plain_text(db, settings):
    settings.METRICS_SECRET = SECRET

    answer = collect()

    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    first, second, *_ = answer.content.decode().splitlines()
    assert first == "# HELP socialsaas_jobs Jobs that have not ended, by status."
    assert second == "# TYPE socialsaas_jobs gauge"


@pytest.mark.parametrize(("secret", "sent"), [("", ""), ("", "collector"), (SECRET, "other"), (SECRET, "")])
def test_nobody_else_does(db, settings, secret, sent):
    settings.METRICS_SECRET = secret

    answer = collect(sent)

    assert (answer.status_code, answer.json()["error"]) == (401, "UNAUTHORIZED")


def test_user_s_key_is_no_secret_of_a_collector(api, settings):
    settings.METRICS_SECRET = SECRET

    assert api.get("/api/metrics").status_code == 401


def test_jobs_and_steps_are_counted(user, monkeypatch):
    fakes.choose(monkeypatch)
    factories.job(user)
    started = factories.started_job(factories.user(), imageCount=3)
    fakes.settle_all(started, until="slide")
    fakes.claimed(factories.queued_step(started))

    found = samples()

    assert found['socialsaas_jobs{status="queued"}'] == "1"
    assert found['socialsaas_jobs{status="processing"}'] == "1"
    assert found['socialsaas_steps{queue="ai",status="queued"}'] == "2"
    assert found['socialsaas_steps{queue="ai",status="running"}'] == "1"
    assert found['socialsaas_steps{queue="render",status="queued"}'] == "0"


def test_cost_of_today_counts_what_is_open_as_expected(user, monkeypatch):
    fakes.choose(monkeypatch)
    step = fakes.claimed(factories.queued_step(factories.started_job(user)))
    for now in (timezone.now(), timezone.now() - timedelta(days=2)):
        reservations.reserve(
            step=step,
            purpose=CallPurpose.PICTURE,
            provider=fakes.FakeArt(name="vendor"),
            expected_cost_usd=Decimal("0.048"),
            now=now,
        )

    found = samples()

    assert found['socialsaas_provider_calls_today{provider="vendor",outcome="open"}'] == "1"
    assert found['socialsaas_provider_cost_today_usd{provider="vendor"}'] == "0.048000"


def test_provider_that_is_cut_off_is_told(db, monkeypatch):
    text, art = fakes.choose(monkeypatch)
    breaker.note_failure(art, fakes.failure("QUOTA_EXHAUSTED", remedy=Remedy.ELSEWHERE))

    found = samples()

    assert float(found[f'socialsaas_provider_paused_seconds{{provider="fake",model="{art.model}"}}']) > 100
    assert found[f'socialsaas_provider_paused_seconds{{provider="fake",model="{text.model}"}}'] == "0"
    breaker.reset([art])


def test_last_audit_is_told_and_none_before_there_is_one(db):
    assert not [name for name in samples() if "ledger" in name]

    now = timezone.now()
    for hours, faults in ((30, 0), (3, 2)):
        LedgerAudit.objects.create(at=now - timedelta(hours=hours), seconds=1.0, faults=faults, counts="")

    found = samples()
    assert found["socialsaas_ledger_faults"] == "2"
    assert float(found["socialsaas_ledger_audit_age_seconds"]) == pytest.approx(10_800, abs=5)


def test_numbers_of_the_rows_are_told_without_the_broker(db):
    with broker.at(DEAD):
        found = samples()

    assert "socialsaas_sweep_age_seconds" not in found
    assert found['socialsaas_jobs{status="queued"}'] == "0"


def test_every_name_is_explained_once(user):
    told = metrics.as_text(now=timezone.now()).splitlines()

    explained = [line.split()[2] for line in told if line.startswith("# HELP")]
    assert len(explained) == len(set(explained))
    assert {line.split("{")[0].split()[0] for line in told if not line.startswith("#")} == set(explained)
