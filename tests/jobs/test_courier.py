"""The courier hands over everything once, in its order, and nobody waits for it."""

import subprocess
import sys
import textwrap
import threading
import time

import pytest

from jobs.courier import Courier


def test_first_thing_goes_at_once_and_those_that_come_meanwhile_together():
    batches, is_under_way, may_go_on = [], threading.Event(), threading.Event()

    def deliver(things):
        batches.append(things)
        is_under_way.set()
        may_go_on.wait(10)

    courier = Courier(deliver)
    courier.take(1)
    assert is_under_way.wait(10)
    for number in (2, 3, 4):
        courier.take(number)
    may_go_on.set()

    assert courier.flush()
    assert batches == [[1], [2, 3, 4]]


def test_things_of_many_threads_all_arrive_once():
    arrived = []
    courier = Courier(arrived.extend)
    threads = [
        threading.Thread(target=lambda first=first: [courier.take(first + each) for each in range(100)])
        for first in range(0, 800, 100)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert courier.flush()
    assert sorted(arrived) == list(range(800))


def test_nobody_waits_for_a_delivery():
    may_go_on = threading.Event()
    courier = Courier(lambda things: may_go_on.wait(10))

    began = time.monotonic()
    courier.take(1)
    assert time.monotonic() - began < 1
    assert not courier.flush(timeout=0.1)

    may_go_on.set()
    assert courier.flush()


def test_delivery_that_fails_is_logged_and_the_next_one_goes(caplog):
    arrived = []

    def deliver(things):
        if things == [1]:
            raise RuntimeError("nobody thought of this")
        arrived.extend(things)

    courier = Courier(deliver)
    courier.take(1)
    courier.flush()
    courier.take(2)
    courier.flush()

    assert arrived == [2]
    assert "not handed over: [1]" in caplog.text
    assert "nobody thought of this" in caplog.text


@pytest.mark.parametrize(
    "ended",
    [
        "hand_in()",
        # As Granian's workers end: without atexit.
        "import multiprocessing; multiprocessing.get_context('fork').Process(target=hand_in).start()",
    ],
    ids=["a command", "a child of multiprocessing"],
)
def test_process_that_ends_hands_over_what_it_still_has(ended):
    program = textwrap.dedent("""
        from jobs.courier import Courier
        courier = Courier(lambda things: print(*things, flush=True))
        def hand_in():
            for number in range(3):
                courier.take(number)
    """)
    program += ended

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)

    assert done.stdout.split() == ["0", "1", "2"], done.stderr
