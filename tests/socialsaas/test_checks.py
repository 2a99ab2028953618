"""What the system checks tell an operator about the settings, before users meet it."""

import os
import subprocess
import sys

import pytest
from django.core import checks


def ids(*, deploy: bool = False) -> set[str]:
    return {message.id for message in checks.run_checks(include_deployment_checks=deploy)}


@pytest.mark.parametrize(("script", "found"), [("", False), ("429-then-ok", False), ("418", True)])
def test_script_of_the_settings_that_is_none_is_an_error(settings, script, found):
    settings.OFFLINE_SCRIPT = script

    assert ("socialsaas.E001" in ids()) is found


@pytest.mark.parametrize(("script", "found"), [("", False), ("ok", True)])
def test_deployment_that_rehearses_everything_is_warned(settings, script, found):
    settings.OFFLINE_SCRIPT = script

    assert ("socialsaas.W002" in ids(deploy=True)) is found
    assert "socialsaas.W002" not in ids()


@pytest.mark.parametrize(("policy", "found"), [("cheapest", False), ("premium", False), ("best", True)])
def test_policy_that_does_not_exist_is_an_error(settings, policy, found):
    settings.AI_POLICY = policy

    assert ("socialsaas.E004" in ids()) is found


@pytest.mark.parametrize("amount", ["abc", "-1", "1e3", "NaN"])
def test_ceiling_that_is_no_amount_is_said_in_one_sentence(amount):
    environment = os.environ | {"COST_CEILING_JOB_USD": amount}
    asked = [sys.executable, "manage.py", "check"]

    told = subprocess.run(asked, env=environment, capture_output=True, text=True, timeout=60, check=False)

    assert told.returncode == 1
    assert told.stderr.splitlines()[-1].endswith(
        "COST_CEILING_JOB_USD must be an amount in USD, such as 0.50"
    )


@pytest.mark.parametrize(
    ("key", "secret", "told"),
    [
        ("", "", set()),
        ("sk", "whsec", set()),
        ("sk", "", {"socialsaas.E005"}),
        ("", "whsec", {"socialsaas.W003"}),
    ],
)
def test_half_of_stripe_s_keys_is_told(settings, key, secret, told):
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = key, secret

    assert ids() & {"socialsaas.E005", "socialsaas.W003"} == told
