"""What the system checks tell an operator about rehearsals, before users meet them."""

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
