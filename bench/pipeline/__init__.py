"""What the queue costs: this pipeline against raw SQL, the ORM inline and three other task queues, then the
fan-out and a thousand calls in flight.

One throwaway PostgreSQL and broker for all, the same step bodies, each contestant in its own processes.
"""

from pathlib import Path

ROUNDS, JOBS, SINGLES, CALLS = 5, 60, 20, 2500
FAN_OUTS = 3


def measure(
    *,
    rounds: int = ROUNDS,
    jobs: int = JOBS,
    singles: int = SINGLES,
    calls: int = CALLS,
    json: Path | None = None,
) -> None:
    """Print the tables and what must hold; `json` gets every sample."""
    from bench.pipeline import world

    with world.open_world() as servers:
        # They import models, which must not be read before the world is there.
        from bench.pipeline import drain, fan_out, in_flight, report

        found = report.Report(
            drained=drain.measure(servers=servers, rounds=rounds, jobs=jobs, singles=singles),
            fan_out=fan_out.measure(rounds=FAN_OUTS),
            in_flight=in_flight.measure(calls=calls),
        )
        print(found.as_text())
        if json is not None:
            found.write_json(json)
