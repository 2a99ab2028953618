"""A call that is sent twice with one Idempotency-Key acts once, and is answered twice."""

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import idempotency
from accounts.models import IdempotencyKey
from billing import ledger
from jobs import answers, queue, tasks
from jobs.models import GenerationJob
from tests import factories
from tests.conftest import api_of
from tests.jobs import fakes
from tests.rest.world import added, body_of, snapshot

GENERATE = "/api/carousel/generate"
ONE_OF_EACH = {
    "carousels": 1,
    "generation_jobs": 1,
    "job_events": 1,
    "billing_ledger": 1,
    "idempotency_keys": 1,
}


def generate(api, key: str | None = "a", **changes):
    headers = {} if key is None else {"Idempotency-Key": key}
    return api.post(GENERATE, factories.payload(**changes), headers=headers)


def is_replay(response) -> bool:
    return response.headers.get("Idempotency-Replayed") == "true"


def test_second_call_gets_the_first_one_s_answer_to_the_byte(api):
    first = generate(api)
    before = snapshot()

    second = generate(api)

    assert (first.status_code, is_replay(first)) == (200, False)
    assert (second.status_code, is_replay(second)) == (200, True)
    assert second.content == first.content
    assert body_of(second)["data"]["remainingCredits"] == 9
    assert snapshot() == before


def test_key_that_is_forgotten_while_it_is_asked_for_is_to_be_sent_again(api, monkeypatch):
    monkeypatch.setattr(idempotency, "_claim", lambda **asked: None)  # it met the key, which is gone now

    answer = generate(api)

    assert (answer.status_code, body_of(answer)["error"]) == (409, "IDEMPOTENCY_KEY_IN_USE")
    assert answer.headers["Retry-After"] == "1"


def test_key_is_written_with_what_it_paid_for(api, user):
    before = snapshot()

    generate(api)

    after = snapshot()
    assert added(before=before, after=after) == ONE_OF_EACH
    assert after["credits"] == {user.pk: 9}


def test_without_a_key_every_call_counts_and_nothing_is_kept(api, user):
    first, second = generate(api, None), generate(api, None)

    assert first.content != second.content
    assert (is_replay(second), factories.credits_of(user)) == (False, 8)
    assert IdempotencyKey.objects.count() == 0


def test_without_a_key_a_call_costs_no_statement_more(api, django_assert_num_queries, monkeypatch):
    generate(api, None)
    with django_assert_num_queries(6):  # whose key, their standing, account, its entry, carousel, job
        generate(api, None)

    with django_assert_num_queries(10):  # and a transaction around it (2), the key, its answer
        generate(api)


def test_space_and_order_of_keys_do_not_make_another_body(api):
    first = api.post(GENERATE, factories.payload(), headers={"Idempotency-Key": "a"})
    text = '{ "styles": ["photo"], "aspectRatio": "4:5", "imageCount": 3,\n "prompt": "%s"}'

    second = api.post(
        GENERATE,
        text % factories.PAYLOAD["prompt"],
        content_type="application/json",
        headers={"Idempotency-Key": "a"},
    )

    assert (is_replay(second), second.content) == (True, first.content)


@pytest.mark.parametrize(
    ("path", "changes"),
    [(GENERATE, {"imageCount": 4}), (GENERATE, {"other": 1}), ("/api/carousel/strategy", {})],
)
def test_same_key_with_another_request_is_refused(api, path, changes):
    generate(api)
    before = snapshot()

    response = api.post(path, factories.payload(**changes), headers={"Idempotency-Key": "a"})

    assert (response.status_code, body_of(response)) == (
        422,
        {
            "success": False,
            "error": "IDEMPOTENCY_KEY_REUSED",
            "message": "This Idempotency-Key was sent with another request",
        },
    )
    assert snapshot() == before


def test_other_user_s_same_key_is_another_key(api, user):
    other = factories.user()
    first = generate(api)

    second = generate(api_of(other))

    assert (second.status_code, is_replay(second)) == (200, False)
    assert second.content != first.content
    assert (factories.credits_of(user), factories.credits_of(other)) == (9, 9)


def test_keys_of_a_user_are_shared_by_api_keys_and_the_session(api, user):
    first = generate(api)
    browser = APIClient()
    browser.force_login(user)

    answered = [generate(client) for client in (api_of(user), api_of(user, script="ok"), browser)]

    assert [(is_replay(each), each.content) for each in answered] == [(True, first.content)] * 3
    assert factories.credits_of(user) == 9


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\there", "über", "line\x7f"])
def test_key_that_is_none_is_refused(api, key):
    before = snapshot()

    response = generate(api, key)

    assert (response.status_code, body_of(response)["error"]) == (400, "INVALID_IDEMPOTENCY_KEY")
    assert snapshot() == before


@pytest.mark.parametrize("key", ["x", "x" * 255, 'order 7: "again"'])
def test_any_short_printable_text_is_a_key(api, key):
    assert [is_replay(generate(api, key)) for _ in range(2)] == [False, True]


def test_refusal_for_want_of_credits_leaves_the_key_free(api, user):
    poor = factories.user(credits=0)
    client = api_of(poor)
    refused = generate(client)
    assert (refused.status_code, IdempotencyKey.objects.count()) == (402, 0)
    ledger.grant(user=poor, credits=2, reference="topped-up", now=timezone.now(), actor="test")

    accepted, again = generate(client), generate(client)

    assert (accepted.status_code, is_replay(accepted), is_replay(again)) == (200, False, True)
    assert factories.credits_of(poor) == 1


@pytest.mark.parametrize("refused", [{"prompt": "short"}, {"imageCount": 1}])
def test_refused_request_may_be_mended_under_its_key(api, user, refused):
    assert generate(api, **refused).status_code == 400
    assert IdempotencyKey.objects.count() == 0

    response = generate(api)

    assert (response.status_code, is_replay(response), factories.credits_of(user)) == (200, False, 9)


def test_daily_limit_leaves_the_key_free(api):
    client = api_of(factories.user(daily_limit=0))

    response = generate(client)

    assert (response.status_code, IdempotencyKey.objects.count()) == (429, 0)


def test_failure_after_the_debit_takes_back_debit_and_key(api, user, monkeypatch):
    def fail(_):
        raise ZeroDivisionError

    before = snapshot()
    with monkeypatch.context() as patch:
        patch.setattr(answers, "submission", fail)
        failed = generate(api)
    assert (failed.status_code, snapshot()) == (500, before)

    response = generate(api)

    assert (response.status_code, is_replay(response), factories.credits_of(user)) == (200, False, 9)


def test_malformed_body_is_refused_before_the_key_is_looked_at(api):
    headers = {"Idempotency-Key": "a"}
    responses = [
        api.post(GENERATE, body, content_type="application/json", headers=headers)
        for body in ("{", "[" * 100_000)
    ]

    assert [each.status_code for each in responses] == [400, 400]
    assert IdempotencyKey.objects.count() == 0


def test_every_call_that_creates_spends_or_stops_takes_a_key(api, user, monkeypatch):
    fakes.choose(monkeypatch)
    done = factories.work_off(factories.job(user, imageCount=2))
    stopped = factories.job(user)
    calls = [
        ("/api/carousel/strategy", factories.payload()),
        ("/api/brands", {"name": "Northlight"}),
        (f"/api/carousel/{done.carousel_id}/image", {"slideNumber": 1}),
        (f"/api/jobs/{stopped.pk}/cancel", {}),
        (f"/api/jobs/{stopped.pk}/requeue", {}),
    ]

    for number, (path, body) in enumerate(calls):
        headers = {"Idempotency-Key": f"call {number}"}
        first = api.post(path, body, headers=headers)
        before = snapshot()
        second = api.post(path, body, headers=headers)

        assert (first.status_code, is_replay(first)) == (200, False)
        assert (second.status_code, is_replay(second), second.content) == (200, True, first.content)
        assert snapshot() == before

    factories.work_off(GenerationJob.objects.get(carousel=done.carousel_id, job_type="image_generation"))
    rendered = [
        api.post(f"/api/carousel/{done.carousel_id}/render", {}, headers={"Idempotency-Key": "render"})
        for _ in range(2)
    ]
    assert [(each.status_code, is_replay(each)) for each in rendered] == [(200, False), (200, True)]


def test_requeue_is_replayed_though_the_job_s_state_would_refuse_it(api, user):
    job = factories.job(user)
    queue.cancel(job_id=job.pk, by=f"user:{user.pk}", now=timezone.now())
    path, headers = f"/api/jobs/{job.pk}/requeue", {"Idempotency-Key": "again"}
    first = api.post(path, headers=headers)

    second, without = api.post(path, headers=headers), api.post(path)

    assert (first.status_code, second.content, is_replay(second)) == (200, first.content, True)
    assert (without.status_code, factories.credits_of(user)) == (409, 9)


def test_keys_are_kept_for_a_day_and_forgotten_in_batches(api, user, monkeypatch):
    monkeypatch.setattr(idempotency, "BATCH", 2)
    for number in range(5):
        generate(api, str(number))
    young = timezone.now() - timedelta(hours=23, minutes=59)
    IdempotencyKey.objects.update(created_at=young - timedelta(minutes=2))
    IdempotencyKey.objects.filter(key="4").update(created_at=young)

    forgotten = [tasks.forget_idempotency_keys() for _ in range(2)]

    assert forgotten == [4, 0]
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["4"]
