"""How many statements each reading call costs, to the number, whether there is one row or three.

One of them asks for the API key; the key's own use was written by the call before.
"""

import pytest

from carousels.models import Carousel, Slide
from tests import factories


@pytest.fixture
def warm_api(api):
    api.get("/api/user")

    return api


@pytest.mark.parametrize("rows", [1, 3])
def test_job_list_costs_two(warm_api, user, django_assert_num_queries, rows):
    for _ in range(rows):
        factories.job(user)

    with django_assert_num_queries(2):  # key, jobs with their carousels
        response = warm_api.get("/api/jobs")

    assert len(response.json()["data"]) == rows


@pytest.mark.parametrize("rows", [1, 3])
def test_events_cost_three(warm_api, user, django_assert_num_queries, rows):
    job = factories.job(user)
    for verb in ["cancel", "requeue"][: rows - 1]:
        warm_api.post(f"/api/jobs/{job.pk}/{verb}")

    with django_assert_num_queries(3):  # key, job, events
        response = warm_api.get(f"/api/jobs/{job.pk}/events")

    assert len(response.json()["data"]) == rows


@pytest.mark.parametrize("rows", [1, 3])
def test_carousel_costs_four(warm_api, user, django_assert_num_queries, rows):
    job = factories.job(user)
    Carousel.objects.update(status="completed")
    Slide.objects.bulk_create(
        Slide(carousel=job.carousel, number=number, kind="point", title="Title")
        for number in range(1, rows + 1)
    )

    with django_assert_num_queries(4):  # key, carousel, job, slides
        response = warm_api.get(f"/api/carousel/{job.carousel_id}")

    assert len(response.json()["data"]["slides"]) == rows


def test_status_costs_two(warm_api, user, django_assert_num_queries):
    job = factories.job(user)

    with django_assert_num_queries(2):  # key, job with its carousel
        warm_api.get(f"/api/queue/status/{job.pk}")


def test_refusal_of_an_unknown_key_costs_one(client, db, django_assert_num_queries):
    with django_assert_num_queries(1):
        client.get("/api/jobs", HTTP_AUTHORIZATION="Bearer sk_unknown")


def test_refusal_without_a_key_costs_nothing(client, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get("/api/jobs")
