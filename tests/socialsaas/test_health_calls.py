"""The probes: answered to anyone, from any address, at once, whatever is broken, without a word too many."""

import time

import pytest
from django.conf import settings as live_settings
from django.db import connection, connections
from django.test import Client

from socialsaas.health import stores, views
from tests.jobs import broker
from tests.rest.world import body_of

ALIVE, READY = "/api/health", "/api/health/ready"
ALL = ["database", "migrations", "broker", "storage"]


@pytest.fixture(autouse=True)
def _nothing_found_before():
    views.readiness.forget()
    stores.migrations.cache_clear()


def not_ready(*parts: str) -> tuple[int, dict]:
    details = [{"path": [part], "message": "Not well", "code": "not_well"} for part in parts]
    message = "A part of this installation is not well"
    return 503, {"success": False, "error": "NOT_READY", "message": message, "details": details}


def ask(path: str, **headers: str) -> tuple[int, dict]:
    response = Client(raise_request_exception=False).get(path, **headers)
    return response.status_code, body_of(response)


def test_alive_asks_neither_database_nor_broker():
    with broker.refused():
        assert ask(ALIVE) == (200, {"success": True, "data": {"status": "alive"}})


def test_ready_when_all_parts_are_well(db):
    assert ask(READY) == (200, {"success": True, "data": {"status": "ready", "parts": ALL}})


@pytest.mark.parametrize("path", [ALIVE, READY])
def test_probe_comes_by_address_and_without_tls(db, settings, path):
    settings.SECURE_SSL_REDIRECT = True

    assert ask(path, HTTP_HOST="10.0.0.7:8000")[0] == 200
    assert ask("/api/user", HTTP_HOST="10.0.0.7:8000")[0] == 400


def test_not_ready_without_the_broker(db):
    with broker.refused():
        assert ask(READY) == not_ready("broker")


def test_stalled_broker_holds_a_probe_for_its_time_only(db):
    with broker.stalled():
        began = time.monotonic()
        answer = ask(READY)
        seconds = time.monotonic() - began

    assert answer == not_ready("broker")
    assert seconds < 4


def test_not_ready_without_the_database_and_what_stands_on_it(db, monkeypatch):
    monkeypatch.setitem(connections.databases["default"], "HOST", "/nowhere")

    assert ask(READY) == not_ready("database", "migrations")


def test_not_ready_where_nothing_can_be_stored(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "a file"
    settings.MEDIA_ROOT.touch()

    assert ask(READY) == not_ready("storage")


def test_storing_leaves_nothing_behind(db, settings):
    assert ask(READY)[0] == 200

    assert [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == []


@pytest.mark.django_db(transaction=True)
def test_not_ready_before_the_database_is_migrated():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'jobs' RETURNING name, applied")
        deleted = cursor.fetchall()
    try:
        answer = ask(READY)
    finally:
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO django_migrations (app, name, applied) VALUES ('jobs', %s, %s)", deleted
            )
    views.readiness.forget()

    assert answer == not_ready("migrations")
    assert ask(READY)[0] == 200


def test_a_storm_of_probes_asks_the_parts_once_a_second(db, settings, tmp_path, monkeypatch):
    assert ask(READY)[0] == 200
    settings.MEDIA_ROOT = tmp_path / "a file"
    settings.MEDIA_ROOT.touch()

    at_once = [ask(READY)[0] for _ in range(5)]
    monkeypatch.setattr(views.readiness, "_until", time.monotonic() - 0.001)

    assert at_once == [200] * 5
    assert ask(READY) == not_ready("storage")


def test_answers_name_no_host_and_no_secret(db, monkeypatch):
    monkeypatch.setitem(connections.databases["default"], "HOST", "/nowhere")
    with broker.refused():
        status, body = ask(READY)

    assert status == 503
    told = str(body)
    assert not [word for word in ("/nowhere", "127.0.0.1", "redis", live_settings.SECRET_KEY) if word in told]


@pytest.mark.parametrize("path", [ALIVE, READY])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_other_methods_are_refused_in_the_envelope(path, method):
    response = Client().generic(method, path)

    assert response.status_code == 405
    assert body_of(response)["error"] == "METHOD_NOT_ALLOWED"


def test_what_lies_below_is_not_there(db):
    assert ask("/api/health/nothing")[0] == 404
