"""What can be known without pictures is checked, and mended, before the first picture is bought."""

from dataclasses import replace

import pytest

from carousels.models import Carousel
from carousels.providers import chosen
from jobs.models import GenerationJob, JobStep, ProviderCall
from tests import factories
from tests.jobs import fakes

LONG_TITLE = "A title that says far more than any slide can hold. " * 12


class Writer(fakes.FakeText):
    """Writes the fake's strategy with the first slide changed."""

    def __init__(self, **changes) -> None:
        super().__init__()
        self.changes = changes

    def write_strategy(self, brief, **_):
        strategy, usage = super().write_strategy(brief)
        first, *others = strategy.slides
        return replace(strategy, slides=(replace(first, **self.changes), *others)), usage


def written(user, monkeypatch, **changes) -> GenerationJob:
    """A job whose strategy step has been tried once."""
    fakes.choose(monkeypatch, text=Writer(**changes))
    return factories.attempted_job(user, imageCount=2)


def test_words_that_do_not_fit_are_mended_before_a_picture_is_bought(user, monkeypatch):
    job = written(user, monkeypatch, title=LONG_TITLE)

    carousel = Carousel.objects.get()
    [repair] = carousel.generation_metadata["repairs"]
    assert (repair["slide"], repair["field"], repair["kind"]) == (1, "title", "shortened")
    title = carousel.slides.get(number=1).title
    assert len(title) < len(LONG_TITLE)
    assert LONG_TITLE.startswith(title.rstrip("…"))
    assert repair["to"][:100] == title[:100]
    assert ProviderCall.objects.filter(job=job, step_kind="slide").count() == 0


def test_words_that_make_no_slide_are_asked_for_again(user, monkeypatch):
    job = written(user, monkeypatch, kind="list", items=())

    step = JobStep.objects.get(job=job, kind="strategy")
    assert (step.status, step.error_code, step.attempt) == ("queued", "INCOMPLETE_ANSWER", 1)
    assert Carousel.objects.get().slides.count() == 0


def test_words_that_no_mending_helps_fail_the_job_and_pay_back(user, monkeypatch):
    job = written(user, monkeypatch, title="ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ")

    job.refresh_from_db()
    assert (job.status, job.error_code) == ("failed", "PREFLIGHT_FAILED")
    assert factories.credits_of(user) == 10
    assert ProviderCall.objects.filter(job=job, step_kind="slide").count() == 0


@pytest.mark.parametrize("count", [2, 10])
def test_offline_words_need_no_mending(user, count):
    factories.attempted_job(user, imageCount=count)

    assert chosen.texts()[0].name == "offline"
    assert Carousel.objects.get().generation_metadata == {"repairs": []}
