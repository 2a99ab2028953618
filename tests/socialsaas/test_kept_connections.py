"""A kept connection is looked at, not asked, and one that the server has ended is replaced in time."""

import threading

import psycopg
import pytest
from django.db import connection
from django.db.backends.postgresql import base


@pytest.fixture
def kept(transactional_db, monkeypatch):
    """As the web process keeps its connection from one request to the next."""
    monkeypatch.setitem(connection.settings_dict, "CONN_HEALTH_CHECKS", True)
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", None)
    connection.close()
    connection.ensure_connection()
    yield connection
    connection.close()


def begin_request() -> None:
    connection.close_if_unusable_or_obsolete()


def pid_of_server() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def end_by_the_server(pid: int) -> None:
    """From a connection of another thread, as a restart or an operator would."""

    def end() -> None:
        options = connection.get_connection_params()
        names = ("host", "port", "user", "password", "dbname")
        with psycopg.connect(**{name: options[name] for name in names if name in options}) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    thread = threading.Thread(target=end)
    thread.start()
    thread.join()


@pytest.fixture
def questions(monkeypatch) -> list[bool]:
    """The answers that Django's own check got by asking the server."""
    answers, ask = [], base.DatabaseWrapper.is_usable

    def ask_and_note(self) -> bool:
        answers.append(ask(self))
        return answers[-1]

    monkeypatch.setattr(base.DatabaseWrapper, "is_usable", ask_and_note)
    return answers


def test_request_on_a_living_connection_does_not_ask(kept, questions):
    pid = pid_of_server()

    begin_request()

    assert pid_of_server() == pid
    assert kept.health_check_done
    assert questions == []


def test_connection_that_the_server_ended_is_replaced_before_it_is_used(kept):
    pid = pid_of_server()
    end_by_the_server(pid)

    begin_request()

    assert pid_of_server() != pid


def test_connection_on_which_something_failed_is_asked(kept, questions):
    pid = pid_of_server()
    kept.errors_occurred = True

    begin_request()

    assert pid_of_server() == pid
    assert questions == [True]
