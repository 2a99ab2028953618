"""A worker that was thought dead and comes back changes nothing: its result is a no-op with a log line."""

from datetime import timedelta

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from jobs import failures, leases, pipeline, queue, steps
from jobs.models import JobEvent, JobStep, ProviderCall
from jobs.states import JobStatus, StepKind, StepStatus
from jobs.transitions import LostRace
from tests import factories
from tests.jobs import fakes


@pytest.fixture
def slide_step(user, monkeypatch):
    fakes.choose(monkeypatch)
    job = fakes.settle_all(factories.started_job(user, imageCount=2), until=StepKind.SLIDE)
    return factories.queued_step(job)


def freeze(step: JobStep) -> JobStep:
    """Claim a step, then sleep through the lease until the sweep gives it away: SIGSTOP, in rows."""
    zombie = fakes.claimed(step)
    fakes.run_out(zombie)
    pipeline.release(step=zombie, now=timezone.now())
    return zombie


def history(step: JobStep) -> list[tuple]:
    return list(JobEvent.objects.filter(job=step.job_id).order_by("pk").values_list("sequence", "to_status"))


def test_zombie_s_result_after_the_winner_s_is_a_no_op(slide_step):
    zombie = freeze(slide_step)
    late = fakes.outcome_of(zombie)
    fakes.settle(slide_step)
    before = history(slide_step)

    with pytest.raises(LostRace):
        pipeline.record_done(step=zombie, outcome=late, now=timezone.now())

    assert history(slide_step) == before
    assert (
        ProviderCall.objects.filter(job=slide_step.job_id, step_kind=StepKind.SLIDE).count() == 2
    )  # both were made and paid
    assert JobStep.objects.get(pk=slide_step.pk).attempt == 2


def test_zombie_s_result_before_the_winner_s_is_a_no_op(slide_step):
    zombie = freeze(slide_step)
    winner = fakes.claimed(slide_step)

    with pytest.raises(LostRace):
        pipeline.record_done(step=zombie, outcome=fakes.outcome_of(zombie), now=timezone.now())
    pipeline.record_done(step=winner, outcome=fakes.outcome_of(winner), now=timezone.now())

    assert JobStep.objects.get(pk=slide_step.pk).status == StepStatus.DONE
    assert (
        ProviderCall.objects.filter(job=slide_step.job_id, step_kind=StepKind.SLIDE).count() == 2
    )  # both were made and paid


def test_zombie_that_nobody_replaced_yet_is_a_no_op(slide_step):
    zombie = freeze(slide_step)

    with pytest.raises(LostRace):
        pipeline.record_done(step=zombie, outcome=fakes.outcome_of(zombie), now=timezone.now())

    assert JobStep.objects.get(pk=slide_step.pk).status == StepStatus.QUEUED


def test_zombie_s_failure_does_not_fail_the_winner_s_job(slide_step):
    zombie = freeze(slide_step)
    fakes.claimed(slide_step)
    before = history(slide_step)

    failure = failures.of_provider(fakes.failure(retryable=False))
    pipeline.record_failure(step=zombie, failure=failure, now=timezone.now())

    row = JobStep.objects.select_related("job").get(pk=slide_step.pk)
    assert (row.status, row.job.status, history(slide_step)) == (
        StepStatus.RUNNING,
        JobStatus.PROCESSING,
        before,
    )


def test_worker_logs_that_it_came_too_late(slide_step, caplog):
    zombie = freeze(slide_step)
    fakes.settle(slide_step)

    with caplog.at_level("INFO", logger="jobs.pipeline"):
        pipeline.work_off(zombie)

    assert f"the result of step {slide_step.pk} came too late" in caplog.text


def test_worker_of_a_cancelled_job_changes_nothing_but_its_call_is_booked(slide_step, user):
    mine = fakes.claimed(slide_step)
    queue.cancel(job_id=mine.job_id, now=timezone.now(), by="test")
    before = history(slide_step)

    pipeline.work_off(mine)

    assert history(slide_step) == before
    assert ProviderCall.objects.filter(job=slide_step.job_id, step_kind=StepKind.SLIDE).count() == 1


def test_steps_of_a_cancelled_job_cannot_be_claimed(slide_step):
    queue.cancel(job_id=slide_step.job_id, now=timezone.now(), by="test")

    assert pipeline.claim(step_id=slide_step.pk) is None


def test_steps_of_an_earlier_run_cannot_be_claimed(slide_step):
    queue.cancel(job_id=slide_step.job_id, now=timezone.now(), by="test")
    queue.requeue(job_id=slide_step.job_id, now=timezone.now(), by="test")
    pipeline.start(job_id=slide_step.job_id, now=timezone.now())

    assert pipeline.claim(step_id=slide_step.pk) is None


def test_claim_that_slept_through_its_lease_does_not_come_back_as_another(slide_step, monkeypatch):
    """Stopped between its UPDATE and its read, it must not read the next owner's name as its own."""
    update = QuerySet.update

    def update_then_sleep(queryset, **columns):
        changed = update(queryset, **columns)
        if columns.get("status") == StepStatus.RUNNING:
            monkeypatch.undo()
            stolen = JobStep.objects.get(pk=slide_step.pk)
            fakes.run_out(stolen)
            pipeline.release(step=stolen, now=timezone.now())
            steps.claim(step_id=slide_step.pk, now=timezone.now())
        return changed

    monkeypatch.setattr(QuerySet, "update", update_then_sleep)

    with pytest.raises(steps.LostClaim):
        steps.claim(step_id=slide_step.pk, now=timezone.now())

    row = JobStep.objects.get(pk=slide_step.pk)
    assert (row.status, row.attempt) == (StepStatus.RUNNING, 2)


def lease_of(step: JobStep):
    return JobStep.objects.get(pk=step.pk).lease_until


def test_heartbeat_renews_what_its_process_holds(slide_step):
    mine = fakes.claimed(slide_step)
    fakes.run_out(mine)
    heart = leases.Heartbeat()

    with heart.hold(mine.owner, timeout=5):
        heart.renew()

    left = lease_of(slide_step) - timezone.now()
    assert timedelta(seconds=28) < left <= timedelta(seconds=30)


def test_heartbeat_lets_go_when_the_work_is_done(slide_step):
    mine = fakes.claimed(slide_step)
    heart = leases.Heartbeat()
    with heart.hold(mine.owner, timeout=5):
        pass
    before = lease_of(slide_step)

    heart.renew()

    assert lease_of(slide_step) == before


@pytest.mark.parametrize(("held_for", "is_renewed"), [(34, True), (36, False)])
def test_step_is_held_for_its_time_out_and_thirty_seconds_at_most(
    slide_step, monkeypatch, held_for, is_renewed
):
    mine = fakes.claimed(slide_step)
    fakes.run_out(mine)
    before = lease_of(slide_step)
    clock = [1000.0]
    monkeypatch.setattr(leases.time, "monotonic", lambda: clock[0])
    heart = leases.Heartbeat()

    with heart.hold(mine.owner, timeout=5):
        clock[0] += held_for
        heart.renew()

    assert (lease_of(slide_step) > before) is is_renewed


def test_heartbeat_does_not_take_back_what_another_holds(slide_step):
    zombie = freeze(slide_step)
    winner = fakes.claimed(slide_step)
    before = lease_of(slide_step)

    renewed = steps.renew(owners=[zombie.owner], now=timezone.now() + timedelta(seconds=5))

    assert (renewed, lease_of(slide_step)) == (0, before)
    assert JobStep.objects.get(pk=slide_step.pk).owner == winner.owner
