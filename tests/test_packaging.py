"""What a new user and an operator touch first: README, Makefile, requirements, compose, .env.example."""

import os
import re
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from carousels.providers.offline.scripts import ACTS, Script

ROOT = Path(__file__).parents[1]
DIRECT = {
    "django",
    "djangorestframework",
    "celery",
    "redis",
    "psycopg",
    "django-environ",
    "openai",
    "google-genai",
}


def test_readme_names_only_make_targets_that_exist():
    named = set(re.findall(r"^make (\w+)", _read("README.md"), flags=re.MULTILINE))
    targets = set(re.findall(r"^(\w+):", _read("Makefile"), flags=re.MULTILINE))

    assert named == {"demo", "test", "check", "up", "down"}
    assert named <= targets


def test_ci_runs_the_readmes_commands():
    run = re.findall(r"^make (\w+)", _read(".ci/run"), flags=re.MULTILINE)

    assert run == ["check", "demo", "demo", "gallery", "test"]


def test_make_help_lists_every_target():
    helped = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    listed = re.findall(r"^  make (\w+) ", helped, flags=re.MULTILINE)
    phony = re.search(r"^\.PHONY: (.*)$", _read("Makefile"), flags=re.MULTILINE)[1].split()
    assert sorted(listed) == sorted(phony)


def test_every_direct_requirement_is_pinned_and_says_what_it_is_for():
    direct = _read("requirements.txt").partition("# what those bring along")[0]
    lines = [line for line in direct.splitlines() if line and not line.startswith("#")]

    assert [line for line in lines if not re.fullmatch(r"[\w.-]+(\[[\w,]+\])?==\S+ +# .+", line)] == []
    assert {re.split(r"[\[=]", line)[0] for line in lines} >= DIRECT


def test_readme_links_lead_somewhere():
    links = re.findall(r"\]\(([^)#]+)\)", _read("README.md"))

    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_api_page_names_every_act_that_can_be_rehearsed():
    page = _read("docs/api.md").partition("## Rehearse failures")[2]
    rows = re.findall(r"^\| (`.+?) \|", page, flags=re.MULTILINE)
    acts = [act for row in rows for act in re.findall(r"`(.+?)`", row)]

    assert {act.partition("=")[0] for act in acts} == set(ACTS)
    for act in acts:
        Script.parse(act)


def test_compose_works_off_every_queue():
    worked_off = re.findall(r"-Q, (\w+),", _read("docker-compose.yml"))

    assert sorted(worked_off) == sorted(queue.name for queue in settings.CELERY_TASK_QUEUES)


def test_production_environment_of_the_example_passes_djangos_deployment_check():
    environment = dict(
        line.split("=", 1) for line in _read(".env.example").splitlines() if line and not line.startswith("#")
    )

    checked = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "INFO"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]} | environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (checked.returncode, checked.stdout, checked.stderr) == (
        0,
        "System check identified no issues (0 silenced).\n",
        "",
    )


def test_example_names_every_variable_the_settings_read():
    read = set(re.findall(r'env(?:\.\w+)?\(\s*"(\w+)"', _read("socialsaas/settings.py")))

    assert read - set(re.findall(r"^#?(\w+)=", _read(".env.example"), flags=re.MULTILINE)) == {
        "PROCESS_ROLE",  # said per process by compose and `make up`
        "DATA_DIR",  # only the embedded default's
        "DEBUG",  # never in production
    }


def _read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")
