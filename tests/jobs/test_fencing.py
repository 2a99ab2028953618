"""A worker that was thought dead and comes back changes nothing: its result is a no-op with a log line."""

import pytest
from django.utils import timezone

from jobs import failures, pipeline, queue, steps, work
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
    # The picture that the zombie paid for is the winner's.
    assert ProviderCall.objects.filter(job=slide_step.job_id, step_kind=StepKind.SLIDE).count() == 1
    assert JobStep.objects.get(pk=slide_step.pk).attempt == 2


def test_zombie_that_slept_before_its_call_does_not_make_it(slide_step, monkeypatch):
    zombie = freeze(slide_step)
    fakes.settle(slide_step)
    _, art = fakes.choose(monkeypatch)
    zombie.started_at -= steps.LEASE

    booked = ProviderCall.objects.count()

    with pytest.raises(LostRace, match="was taken before its call"):
        work.do(zombie)

    assert (art.requests, ProviderCall.objects.count()) == ([], booked)


def test_worker_that_was_slow_before_its_call_makes_it_with_a_whole_lease(slide_step):
    slow = fakes.claimed(slide_step)
    slow.started_at -= steps.LEASE
    fakes.run_out(slow)

    fakes.outcome_of(slow)

    assert JobStep.objects.get(pk=slow.pk).lease_until > timezone.now()


def test_zombie_s_result_before_the_winner_s_is_a_no_op(slide_step):
    zombie = freeze(slide_step)
    winner = fakes.claimed(slide_step)

    with pytest.raises(LostRace):
        pipeline.record_done(step=zombie, outcome=fakes.outcome_of(zombie), now=timezone.now())
    pipeline.record_done(step=winner, outcome=fakes.outcome_of(winner), now=timezone.now())

    assert JobStep.objects.get(pk=slide_step.pk).status == StepStatus.DONE
    # The picture that the zombie paid for is the winner's.
    assert ProviderCall.objects.filter(job=slide_step.job_id, step_kind=StepKind.SLIDE).count() == 1


def test_zombie_that_nobody_replaced_yet_is_a_no_op(slide_step):
    zombie = freeze(slide_step)

    with pytest.raises(LostRace):
        pipeline.record_done(step=zombie, outcome=fakes.outcome_of(zombie), now=timezone.now())

    assert JobStep.objects.get(pk=slide_step.pk).status == StepStatus.QUEUED


def test_zombie_s_failure_does_not_fail_the_winner_s_job(slide_step):
    zombie = freeze(slide_step)
    fakes.claimed(slide_step)
    before = history(slide_step)

    failure = failures.of_provider(fakes.refusal())
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


def test_claim_that_slept_through_its_lease_does_not_come_back_as_another(slide_step):
    """Stopped right after its claim, it goes on under its own name, which is nobody's by now."""
    mine = fakes.claimed(slide_step)
    fakes.run_out(mine)
    pipeline.release(step=JobStep.objects.get(pk=mine.pk), now=timezone.now())
    other = fakes.claimed(slide_step)
    before = history(slide_step)

    pipeline.work_off(mine)

    row = JobStep.objects.get(pk=slide_step.pk)
    assert (row.status, row.owner, row.attempt) == (StepStatus.RUNNING, other.owner, 2)
    assert history(slide_step) == before
