"""manage.py providers: what is configured, whether it takes our calls, and what a carousel costs."""

from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from carousels.providers.base import Remedy
from jobs import breaker
from tests.jobs import fakes


class Refusing(fakes.FakeArt):
    def require_model(self) -> None:
        raise fakes.failure("PROVIDER_REFUSED", remedy=Remedy.ELSEWHERE)


def run(capsys, *arguments: str) -> list[str]:
    call_command("providers", *arguments)
    return capsys.readouterr().out.splitlines()


def test_without_a_key_everything_is_made_here_for_nothing(capsys):
    lines = run(capsys)

    assert [line.split()[:4] for line in lines[:2]] == [
        ["words", "offline", "offline-copywriter-1", "well"],
        ["pictures", "offline", "offline-art-1", "well"],
    ]
    assert [line.split()[:3] for line in lines[-3:]] == [
        ["cheapest", "0.0000", "USD"],
        ["balanced", "0.0000", "USD"],
        ["premium", "0.0000", "USD"],
    ]


def test_cost_follows_the_policy(capsys, monkeypatch):
    art = [
        fakes.FakeArt(name="dear", cost_usd=Decimal("0.05")),
        fakes.FakeArt(name="cheap", cost_usd=Decimal("0.03")),
    ]
    fakes.offer(monkeypatch, images=art)

    lines = run(capsys)

    assert [line.split()[:3] for line in lines[-3:]] == [
        ["cheapest", "0.1600", "USD"],
        ["balanced", "0.2600", "USD"],
        ["premium", "0.2600", "USD"],
    ]


def test_cost_of_a_model_without_a_price_is_unknown(capsys, monkeypatch):
    fakes.offer(monkeypatch, images=[fakes.FakeArt(cost_usd=None)])

    assert run(capsys)[-1].split()[:2] == ["premium", "unknown"]


def test_provider_that_refuses_us_is_named_and_the_command_fails(capsys, monkeypatch):
    fakes.offer(monkeypatch, images=[Refusing(name="vendor")])

    with pytest.raises(CommandError, match=r"Not well: vendor fake-art\."):
        call_command("providers")

    assert "NOT WELL: the operator's words" in capsys.readouterr().out


def test_provider_that_is_well_again_is_no_longer_cut_off(capsys, monkeypatch):
    art = fakes.FakeArt(name="vendor")
    fakes.offer(monkeypatch, images=[art])
    breaker.note_failure(art, fakes.failure("QUOTA_EXHAUSTED", remedy=Remedy.ELSEWHERE))

    assert any("cut off for 1" in line for line in run(capsys, "--offline"))
    run(capsys)

    assert breaker.pauses([art]) == {}
