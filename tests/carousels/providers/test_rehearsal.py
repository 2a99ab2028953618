"""Each act of a script, at the provider itself: what it raises, gives, takes and writes into the log."""

import threading
import time
from dataclasses import replace

import pytest

from carousels import composing
from carousels.brief import Brief
from carousels.providers import chosen
from carousels.providers.base import ImageRequest, ProviderError, Remedy, Usage
from carousels.providers.offline import FREE, OfflineArt, OfflineText, rehearsal
from carousels.providers.offline.rehearsal import ScriptedArt, ScriptedText
from carousels.providers.offline.scripts import Rehearsal, Script, read_calls

BRIEF = Brief(prompt="5 pricing mistakes freelancers make", image_count=4)
REQUEST = ImageRequest(
    prompt="", style="photo", theme="aurora", aspect_ratio="1:1", seed_text="seed", number=3, total=4
)
USAGE = Usage("offline", "offline-rehearsal", FREE)


@pytest.fixture
def outcomes(settings):
    """What the log says about the calls of this test: (name, outcome)."""

    def read() -> list[tuple[str, str | None]]:
        calls = read_calls(settings.CALL_LOG).get("job", {})
        return [(name, call.outcome) for name, made in calls.items() for call in made]

    return read


def text(script: str) -> ScriptedText:
    return chosen.texts(Rehearsal(script=Script.parse(script), call="job/strategy"))[0]


def image(script: str) -> ScriptedArt:
    return chosen.images(Rehearsal(script=Script.parse(script), call="job/slide-3"))[0]


def test_without_a_rehearsal_nothing_is_scripted():
    assert [type(provider) for provider in (*chosen.texts(), *chosen.images())] == [OfflineText, OfflineArt]


def test_rehearsed_work_is_the_real_one_under_another_model_s_name(outcomes):
    words, words_usage = text("ok").write_strategy(BRIEF)
    picture, picture_usage = image("ok").paint(REQUEST)

    assert words == OfflineText().write_strategy(BRIEF)[0]
    assert picture == OfflineArt().paint(REQUEST)[0]
    assert (words_usage, picture_usage) == (USAGE, USAGE)
    assert sorted(outcomes()) == [("slide-3", "ok"), ("strategy", "ok")]


@pytest.mark.parametrize(
    ("script", "code", "remedy", "retry_after", "usage"),
    [
        ("429", "RATE_LIMITED", Remedy.RETRY_LATER, None, None),
        ("429=7", "RATE_LIMITED", Remedy.RETRY_LATER, 7, None),
        ("500", "PROVIDER_UNAVAILABLE", Remedy.RETRY_NOW, None, None),
        ("timeout", "TIMEOUT", Remedy.RETRY_NOW, None, None),
        ("policy", "CONTENT_REJECTED", Remedy.GIVE_UP, None, None),
        ("bad-json", "INVALID_ANSWER", Remedy.RETRY_NOW, None, USAGE),
    ],
)
def test_act_raises_what_a_real_provider_would(script, code, remedy, retry_after, usage, outcomes):
    with pytest.raises(ProviderError) as caught:
        text(script).write_strategy(BRIEF)

    error = caught.value
    assert (error.code, error.remedy, error.retry_after, error.usage) == (
        code,
        remedy,
        retry_after,
        usage,
    )
    assert outcomes() == [("strategy", script.partition("=")[0])]


def test_second_provider_goes_on_where_the_first_one_stopped(outcomes):
    with pytest.raises(ProviderError):
        image("500-then-ok").paint(REQUEST)

    image("500-then-ok").paint(REQUEST)

    assert outcomes() == [("slide-3", "500"), ("slide-3", "ok")]


def test_truncated_strategy_lacks_its_last_slides(outcomes):
    strategy, usage = text("truncated").write_strategy(BRIEF)

    assert [slide.number for slide in strategy.slides] == [1, 2]
    assert (usage, outcomes()) == (USAGE, [("strategy", "truncated")])


def test_half_a_picture_cannot_be_opened(outcomes):
    whole, _ = image("ok").paint(REQUEST)
    picture, usage = image("half-image").paint(REQUEST)

    assert whole.data.startswith(picture.data)
    with pytest.raises(composing.Undrawable):
        composing.make_preview(picture.data, aspect_ratio="1:1")
    assert usage == USAGE
    assert outcomes() == [("slide-3", "ok"), ("slide-3", "half-image")]


def test_slow_call_takes_its_time_drawing_included_and_is_covered_by_the_time_out(outcomes):
    provider = image("slow=0.8s")
    began = time.monotonic()

    provider.paint(REQUEST)

    assert 0.8 <= time.monotonic() - began < 5
    assert (provider.timeout, text("slow=40s").timeout) == (
        OfflineArt.timeout + 0.8,
        OfflineText.timeout + 40,
    )
    assert outcomes() == [("slide-3", "ok")]


def test_call_that_crashes_is_in_the_log_as_what_it_was(monkeypatch, outcomes):
    monkeypatch.setattr(OfflineText, "write_strategy", lambda self, brief: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        text("ok").write_strategy(BRIEF)

    assert outcomes() == [("strategy", "ZeroDivisionError")]


def test_pictures_are_drawn_one_at_a_time_however_many_threads_ask(monkeypatch):
    drawing, most = [], []

    def draw(self, request):
        drawing.append(request)
        most.append(len(drawing))
        time.sleep(0.02)
        drawing.remove(request)
        return OfflineArt().paint, USAGE

    monkeypatch.setattr(rehearsal.OfflineArt, "paint", draw)
    threads = [
        threading.Thread(target=image("ok").paint, args=(replace(REQUEST, number=number),))
        for number in range(1, 9)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)

    assert most == [1] * 8


def test_slow_calls_wait_side_by_side():
    provider = text("slow=0.6s")
    threads = [threading.Thread(target=provider.write_strategy, args=(BRIEF,)) for _ in range(8)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)

    assert time.monotonic() - began < 3
