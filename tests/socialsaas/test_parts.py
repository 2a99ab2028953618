"""What single parts say when they are not as they should be, where no real process needs to be stopped."""

from datetime import timedelta

import pytest
from django.utils import timezone
from redis import Redis

from jobs import pulse, tasks
from jobs.models import GenerationJob, JobStep
from jobs.states import StepStatus
from socialsaas.health import configuration, processes, stores
from socialsaas.health.examination import Doubtful, Unwell
from tests import factories
from tests.jobs import broker, fakes

HOUR = timedelta(hours=1)


@pytest.fixture
def redis(settings):
    with Redis.from_url(settings.CELERY_BROKER_URL) as client:
        client.delete(pulse.BEGUN, pulse.DONE)
        yield client


@pytest.fixture
def fake_providers(monkeypatch):
    """And no message of another test."""
    broker.empty()
    fakes.choose(monkeypatch)


# --- clock ----------------------------------------------------------------------------------------


def clock_is_off_by(monkeypatch, **skew: float) -> None:
    now = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: now() + timedelta(**skew))


@pytest.mark.parametrize("seconds", [0, 1, -1])
def test_clock_is_well_within_two_seconds(db, monkeypatch, seconds):
    clock_is_off_by(monkeypatch, seconds=seconds)

    assert stores.clock() == "as the database's"


@pytest.mark.parametrize("seconds", [5, -5])
def test_clock_that_is_a_little_off_is_a_warning(db, monkeypatch, seconds):
    clock_is_off_by(monkeypatch, seconds=seconds)

    with pytest.raises(Doubtful, match="5 s between here and the database"):
        stores.clock()


@pytest.mark.parametrize("seconds", [30, -30])
def test_clock_that_would_end_leases_too_early_or_late_is_not_well(db, monkeypatch, seconds):
    clock_is_off_by(monkeypatch, seconds=seconds)

    with pytest.raises(Unwell, match="30 s between here and the database") as raised:
        stores.clock()
    assert type(raised.value) is Unwell


# --- broker ---------------------------------------------------------------------------------------


def test_persistence_that_may_not_be_asked_is_a_warning(redis, settings):
    """A managed broker: its users may not look into its settings."""
    redis.acl_setuser("tenant", enabled=True, passwords=["+pw"], commands=["+@all", "-info"], keys=["*"])
    address = settings.CELERY_BROKER_URL
    try:
        settings.CELERY_BROKER_URL = f"redis://tenant:pw@{address.rpartition('@')[2]}"

        assert stores.broker().startswith("answers")
        with pytest.raises(Doubtful, match="cannot be asked"):
            stores.persistence()
    finally:
        redis.acl_deluser("tenant")


# --- the pulse ------------------------------------------------------------------------------------


def test_sweep_leaves_a_pulse_that_ages(db, redis):
    assert pulse.age_of(pulse.DONE) is None

    tasks.sweep()
    redis.pexpire(pulse.DONE, pulse.KEPT - 7000)

    assert pulse.age_of(pulse.BEGUN) < 5
    assert 7 <= pulse.age_of(pulse.DONE) < 12
    assert processes.beat() == "it sent a sweep 0 s ago"
    assert processes.sweep() == "the last one ended 7 s ago"


def test_sweep_goes_on_without_a_broker(user, redis):
    job = factories.job(user)
    with broker.refused():
        tasks.sweep()

    assert GenerationJob.objects.get(pk=job.pk).status == "processing"
    assert pulse.age_of(pulse.DONE) is None


def test_sweep_that_fails_has_begun_and_not_ended(db, redis, monkeypatch):
    monkeypatch.setattr(processes, "NEXT_BEAT", 0)
    monkeypatch.setattr(tasks.recovery, "sweep", lambda now: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        tasks.sweep()

    assert processes.beat() == "it sent a sweep 0 s ago"
    with pytest.raises(Unwell, match="has left no sign"):
        processes.sweep()


def test_beat_cannot_be_told_while_a_sweep_hangs(redis, monkeypatch):
    monkeypatch.setattr(processes, "NEXT_BEAT", 0)
    pulse.leave(pulse.BEGUN)
    redis.pexpire(pulse.BEGUN, pulse.KEPT - 60_000)

    with pytest.raises(Doubtful, match="cannot be told: the sweep that began 60 s ago has not ended"):
        processes.beat()


def test_old_pulse_is_beat_s_fault(redis, monkeypatch):
    monkeypatch.setattr(processes, "NEXT_BEAT", 0)
    for mark, age in ((pulse.BEGUN, 61_000), (pulse.DONE, 60_000)):
        pulse.leave(mark)
        redis.pexpire(mark, pulse.KEPT - age)

    with pytest.raises(Unwell, match="has left no sign for 61 s") as raised:
        processes.beat()
    assert type(raised.value) is Unwell


# --- what waits -----------------------------------------------------------------------------------


def test_nothing_waits_for_long(user, fake_providers):
    factories.started_job(user)

    assert processes.waiting() == "none for long"


def test_due_job_that_nobody_started_is_counted(user, fake_providers):
    GenerationJob.objects.filter(pk=factories.job(user).pk).update(scheduled_at=timezone.now() - HOUR)

    with pytest.raises(Doubtful, match=r"^due jobs that the sweep has not started: 1$"):
        processes.waiting()


def test_job_that_waits_for_its_owner_s_others_waits_rightly(user, settings, fake_providers):
    settings.RUNNING_JOBS_PER_USER = 1
    factories.started_job(user)
    GenerationJob.objects.filter(pk=factories.job(user).pk).update(scheduled_at=timezone.now() - HOUR)

    assert processes.waiting() == "none for long"


@pytest.mark.parametrize(
    ("is_emptied", "why"), [(False, "all workers are busy"), (True, "their messages were lost")]
)
@pytest.mark.django_db(transaction=True)
def test_steps_that_nobody_takes_are_told_with_their_queue_and_why(fake_providers, is_emptied, why):
    factories.started_job(factories.user())
    JobStep.objects.filter(status=StepStatus.QUEUED).update(redrive_at=timezone.now() - HOUR)
    if is_emptied:
        broker.empty()

    with pytest.raises(Doubtful, match=f"^steps waiting in `ai`: 1, {why}$"):
        processes.waiting()


def test_step_that_stays_with_a_dead_worker_is_counted(user, fake_providers):
    step = fakes.claimed(factories.queued_step(factories.started_job(user)))
    JobStep.objects.filter(pk=step.pk).update(lease_until=timezone.now() - HOUR)

    with pytest.raises(Doubtful, match=r"^steps that the sweep has not taken from dead workers: 1$"):
        processes.waiting()


# --- configuration --------------------------------------------------------------------------------


def test_keys_are_told_by_name_and_never_by_value(monkeypatch):
    monkeypatch.delenv("GOOGLE_AI_API_KEY", raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")

    assert configuration.keys() == "OPENAI_API_KEY set; texts by `offline`, pictures by `offline`"


def test_installation_that_only_this_machine_reaches_needs_no_tls(settings):
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]

    assert configuration.outside() == "this machine only (ALLOWED_HOSTS)"


def test_installation_for_others_is_checked_as_a_deployment(settings):
    settings.ALLOWED_HOSTS = ["carousels.example.com"]
    settings.DEBUG = True

    with pytest.raises(Doubtful, match=r"\d+ warnings: .*security\.W018"):
        configuration.outside()


def test_unset_secret_of_the_queue_processor_is_a_warning(settings):
    settings.QUEUE_PROCESSOR_SECRET = ""
    (check,) = [check for check in configuration.CHECKS if check.name == "queue processor"]

    with pytest.raises(Doubtful, match="refuses everyone") as raised:
        check.ask()
    assert raised.value.remedy.startswith("Set it if a scheduler outside")

    settings.QUEUE_PROCESSOR_SECRET = "set"
    assert check.ask() == "QUEUE_PROCESSOR_SECRET is set"
