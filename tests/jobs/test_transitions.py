"""A job moves along the arrows of `jobs/states.py` and no others, each move with its event."""

import itertools

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from jobs import pipeline, queue, transitions
from jobs.models import GenerationJob, JobEvent
from jobs.states import ACTIVE, TERMINAL, TRANSITIONS, JobStatus
from tests import factories
from tests.jobs import fakes

GRID = list(itertools.product(JobStatus, JobStatus))


def bring_to(job: GenerationJob, status: JobStatus) -> None:
    completed_at = timezone.now() if status in TERMINAL else None
    GenerationJob.objects.filter(pk=job.pk).update(status=status, completed_at=completed_at)


def snapshot(job: GenerationJob) -> tuple:
    row = GenerationJob.objects.filter(pk=job.pk).values_list("status", "completed_at", "updated_at").get()
    return row, JobEvent.objects.filter(job=job).count()


@pytest.mark.parametrize(("before", "after"), GRID, ids=[f"{before}-{after}" for before, after in GRID])
def test_every_pair_of_states_is_as_the_table_says(user, before, after):
    job = factories.job(user)
    bring_to(job, before)
    unchanged = snapshot(job)

    if after in TRANSITIONS[before]:
        with transitions.locked(job.pk) as locked:
            transitions.move(locked, after, now=factories.NOON, by="test", reason="because")

        row = GenerationJob.objects.get(pk=job.pk)
        assert (row.status, row.updated_at) == (after, factories.NOON)
        assert row.completed_at == (factories.NOON if after in TERMINAL else None)
        event = JobEvent.objects.filter(job=job).latest("sequence")
        assert (event.from_status, event.to_status, event.by, event.reason) == (
            before,
            after,
            "test",
            "because",
        )
    else:
        with pytest.raises(transitions.InvalidState) as refused, transitions.locked(job.pk) as locked:
            transitions.move(locked, after, now=factories.NOON)

        assert (refused.value.status, refused.value.wanted) == (before, after)
        assert snapshot(job) == unchanged


def test_table_names_every_state_and_groups_cover_them():
    assert set(TRANSITIONS) == set(JobStatus) == ACTIVE | TERMINAL
    assert not ACTIVE & TERMINAL


def test_move_of_a_row_that_moved_on_loses_the_race_and_writes_nothing(user):
    job = factories.job(user)
    stale = GenerationJob.objects.get(pk=job.pk)
    bring_to(job, JobStatus.PROCESSING)
    unchanged = snapshot(job)

    with pytest.raises(transitions.LostRace):
        transitions.move(stale, JobStatus.CANCELLED, now=timezone.now())

    assert snapshot(job) == unchanged


@pytest.mark.parametrize("status", JobStatus)
def test_database_itself_ties_completed_at_to_the_state(user, status):
    job = factories.job(user)
    wrong = None if status in TERMINAL else timezone.now()

    with pytest.raises(IntegrityError, match="job_completed_at_iff_terminal"), transaction.atomic():
        GenerationJob.objects.filter(pk=job.pk).update(status=status, completed_at=wrong)

    assert GenerationJob.objects.get(pk=job.pk).status == JobStatus.QUEUED


def test_database_itself_refuses_a_second_active_job_on_a_carousel(user):
    job = factories.job(user)

    with pytest.raises(IntegrityError, match="one_active_job_per_carousel"), transaction.atomic():
        GenerationJob.objects.create(carousel=job.carousel, user=user, payload=job.payload)

    assert GenerationJob.objects.filter(carousel=job.carousel).count() == 1


def test_events_of_a_whole_life_count_without_gaps(user, monkeypatch):
    fakes.choose(monkeypatch, art=fakes.FakeArt(fakes.refusal()))
    job = factories.started_job(user, imageCount=2)
    factories.work_off(job)
    queue.requeue(job_id=job.pk, by="test", now=timezone.now())
    pipeline.start(job_id=job.pk, now=timezone.now())
    fakes.settle_all(job)

    events = JobEvent.objects.filter(job=job).order_by("pk")
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    of_the_job = [(event.run, event.to_status) for event in events if event.step_kind is None]
    assert of_the_job == [
        (1, "queued"),
        (1, "processing"),
        (1, "failed"),
        (2, "queued"),
        (2, "processing"),
        (2, "completed"),
    ]
    assert "running" not in {event.to_status for event in events}  # a claim is no event
