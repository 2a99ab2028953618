"""The origin's checklist of phase one, box by box: its SQL runs here as it was written."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.utils import timezone

from billing.models import Account
from carousels.models import Carousel
from jobs import queue, recovery, turns
from jobs.models import GenerationJob
from jobs.states import JobStatus
from tests import factories

ROLE = "phase_one_reader"

TABLES = """
SELECT table_name FROM information_schema.tables
WHERE table_schema = 'public' AND table_name IN ('generation_jobs', 'carousels', 'users');
"""
INDEXES = """
SELECT indexname FROM pg_indexes
WHERE tablename IN ('generation_jobs', 'carousels', 'users')
ORDER BY tablename, indexname;
"""
SECURITY = """
SELECT schemaname, tablename, rowsecurity
FROM pg_tables
WHERE tablename IN ('generation_jobs', 'carousels', 'users');
"""
# Only the user's id is another: here it is a key, not a text.
INSERT = """
INSERT INTO generation_jobs (carousel_id, user_id, payload)
VALUES (
  (SELECT id FROM carousels LIMIT 1),
  %s,
  '{"prompt": "test", "imageCount": 3, "styles": ["photo"], "aspectRatio": "1:1"}'::jsonb
);
"""
NEWEST = "SELECT * FROM generation_jobs ORDER BY created_at DESC LIMIT 1;"


def rows(sql: str, *values) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        return cursor.fetchall() if cursor.description else []


def row(sql: str) -> dict:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        names = [column.name for column in cursor.description]
        return dict(zip(names, cursor.fetchone(), strict=True))


@contextmanager
def client_with(claims: dict | None) -> Iterator[None]:
    """SQL as a client with these claims, through a role that may do everything and that policies bind."""
    with transaction.atomic():
        rows(f"CREATE ROLE {ROLE}")
        rows(f"GRANT SELECT, INSERT, UPDATE, DELETE ON generation_jobs TO {ROLE}")
        if claims is not None:
            rows("SELECT set_config('request.jwt.claims', %s, true)", json.dumps(claims))
        rows(f"SET LOCAL ROLE {ROLE}")
        yield
        transaction.set_rollback(True)


def jobs_seen_by(claims: dict | None) -> set[uuid.UUID]:
    with client_with(claims):
        return {found for (found,) in rows("SELECT id FROM generation_jobs")}


@pytest.fixture
def carousel(user) -> Carousel:
    """A carousel that no job works on."""
    return Carousel.objects.create(user=user, prompt="An empty carousel", image_count=3)


def test_box_1_database_setup_shows_tables_indexes_and_row_level_security(db):
    assert {name for (name,) in rows(TABLES)} == {"generation_jobs", "carousels", "users"}
    indexes = {name for (name,) in rows(INDEXES)}
    assert indexes >= {
        "idx_generation_jobs_status",
        "idx_generation_jobs_user_id",
        "idx_generation_jobs_scheduled_at",
        "idx_generation_jobs_carousel_id",
        "idx_generation_jobs_status_priority",
        "idx_carousels_progress",
    }
    assert {name: secured for _, name, secured in rows(SECURITY)} == {
        "generation_jobs": True,
        "carousels": False,
        "users": False,
    }
    policies = rows("SELECT policyname, cmd FROM pg_policies WHERE tablename = 'generation_jobs'")
    assert sorted(policies) == [
        ("Service role can manage all jobs", "ALL"),
        ("Users can view their own generation jobs", "SELECT"),
    ]


def test_box_1_a_user_s_claims_read_that_user_s_jobs_only(db):
    mine, other = factories.job(factories.user()), factories.job(factories.user())

    assert jobs_seen_by({"sub": str(mine.user_id), "role": "authenticated"}) == {mine.pk}
    assert jobs_seen_by({"sub": str(other.user_id)}) == {other.pk}
    assert jobs_seen_by({"sub": str(uuid.uuid4())}) == set()
    assert jobs_seen_by({"sub": ""}) == set()
    assert jobs_seen_by(None) == set()
    assert jobs_seen_by({"role": "service_role"}) == {mine.pk, other.pk}


def test_box_1_a_user_s_claims_change_and_delete_nothing(user):
    factories.job(user)

    with client_with({"sub": str(user.pk)}):
        assert rows("UPDATE generation_jobs SET priority = 10 RETURNING id") == []
        assert rows("DELETE FROM generation_jobs RETURNING id") == []

    assert GenerationJob.objects.get().priority == 1


def test_box_1_a_user_s_claims_insert_nothing(carousel, user):
    with pytest.raises(ProgrammingError, match="row-level security"), client_with({"sub": str(user.pk)}):
        rows(
            "INSERT INTO generation_jobs (carousel_id, user_id, payload) VALUES (%s, %s, '{}')",
            carousel.pk,
            user.pk,
        )

    assert GenerationJob.objects.count() == 0


def test_box_2_enhanced_tables_have_their_columns_and_defaults(user):
    rows("INSERT INTO carousels (user_id, prompt, image_count) VALUES (%s, 'x', 3)", user.pk)

    made = row("SELECT * FROM carousels")
    assert (made["progress_percent"], made["progress_message"], made["status"]) == (
        0,
        "Queued for processing...",
        "pending",
    )
    assert {"generation_metadata", "estimated_completion_time", "final_caption", "error_message"} <= set(made)
    account = Account.objects.get(pk=user.pk)
    assert (account.credits, account.daily_limit, account.last_reset_date) == (10, 5, timezone.now().date())
    assert rows("SELECT tablename FROM pg_indexes WHERE indexname = 'idx_users_credits'") == [
        ("billing_accounts",)
    ]


def test_box_2_deleting_a_carousel_by_sql_takes_all_that_hangs_on_it(user):
    job = factories.work_off(factories.job(user, imageCount=2))
    children = ("generation_jobs", "job_steps", "job_events", "slides", "provider_calls")
    before = {table: rows(f"SELECT count(*) FROM {table}")[0][0] for table in children}

    rows("DELETE FROM carousels WHERE id = %s", job.carousel_id)
    rows("SET CONSTRAINTS ALL IMMEDIATE")

    assert before == {
        "generation_jobs": 1,
        "job_steps": 4,
        "job_events": before["job_events"],
        "slides": 2,
        "provider_calls": 3,
    }
    assert {table: rows(f"SELECT count(*) FROM {table}")[0][0] for table in children} == dict.fromkeys(
        children, 0
    )
    assert factories.credits_of(user) == 9  # money stays


def test_box_3_types_a_finished_job_has_the_result_the_origin_typed(user):
    result = factories.work_off(factories.job(user, imageCount=2)).result

    slide, metadata = result["slides"][0], result["metadata"]
    assert {name: type(slide[name]) for name in ("slideNumber", "imageKey", "caption", "imagePrompt")} == {
        "slideNumber": int,
        "imageKey": str,
        "caption": str,
        "imagePrompt": str,
    }
    assert (type(result["finalCaption"]), type(metadata["aiModel"])) == (str, str)
    assert (type(metadata["processingTime"]), type(metadata["totalCost"])) == (float, float)


def test_box_4_queue_manager_creates_reads_lists_and_requeues(user):
    made = queue.submit(user=user, payload=factories.payload(), now=timezone.now()).job

    assert queue.get(job_id=str(made.pk)) == made
    assert turns.next_due(now=timezone.now(), limit=1) == [made.pk]
    assert list(queue.of_user(user, limit=10)) == [made]
    queue.cancel(job_id=made.pk, by="test", now=timezone.now())
    requeued = queue.requeue(job_id=made.pk, by="test", now=timezone.now())
    assert (requeued.status, requeued.retry_count, made.priority) == (JobStatus.QUEUED, 0, 1)


def test_box_5_processor_works_off_the_job_inserted_by_the_origin_s_sql(carousel, user):
    rows(INSERT, user.pk)
    inserted = row(NEWEST)
    assert (inserted["status"], inserted["job_type"], inserted["priority"]) == (
        "queued",
        "carousel_generation",
        1,
    )
    assert (inserted["retry_count"], inserted["max_retries"], inserted["carousel_id"]) == (0, 3, carousel.pk)

    assert recovery.sweep(now=timezone.now()).started == 1
    job = factories.work_off(GenerationJob.objects.get(pk=inserted["id"]))

    assert (job.status, len(job.result["slides"])) == (JobStatus.COMPLETED, 3)
    assert (job.carousel.progress_percent, job.carousel.progress_message) == (100, "Carousel ready!")
    assert factories.credits_of(user) == 10  # nobody was charged for it


def test_box_6_generate_call_answers_what_the_origin_s_page_reads(api, user):
    answer = api.post(
        "/api/carousel/generate",
        {
            "prompt": "Digital marketing tips for small businesses",
            "imageCount": 5,
            "styles": ["photo"],
            "aspectRatio": "1:1",
        },
    )

    job = GenerationJob.objects.get(user=user)
    assert answer.json() == {
        "success": True,
        "data": {
            "carouselId": str(job.carousel_id),
            "jobId": str(job.pk),
            "estimatedTime": 60,
            "remainingCredits": 9,
        },
        "message": "Generation started successfully",
    }


def test_box_7_status_call_tells_the_job_from_queued_to_completed(api, user):
    job = factories.job(user, imageCount=2)
    before = api.get(f"/api/queue/status/{job.pk}").json()["data"]
    factories.work_off(job)

    after = api.get(f"/api/queue/status/{job.pk}").json()["data"]

    assert (before["status"], before["progress"], before["result"]) == (
        "queued",
        {"percent": 0, "message": "Queued for processing..."},
        None,
    )
    assert (after["status"], after["progress"]) == (
        "completed",
        {"percent": 100, "message": "Carousel ready!"},
    )
    assert [slide["slideNumber"] for slide in after["result"]["slides"]] == [1, 2]


def test_box_8_processor_call_hands_over_up_to_five_due_jobs(db, client, settings):
    settings.QUEUE_PROCESSOR_SECRET = "your-secret-key"
    for _ in range(6):
        factories.job(factories.user())

    answers = [
        client.post("/api/queue/process", headers={"Authorization": "Bearer your-secret-key"}).json()
        for _ in range(3)
    ]

    assert [answer["data"]["processed"] for answer in answers] == [5, 1, 0]
    assert GenerationJob.objects.filter(status=JobStatus.PROCESSING).count() == 6
