"""What money costs: submits beside pgbench and an empty view, the reset of a million accounts under submits,
and the hot queries with a hundred times the rows.

One throwaway PostgreSQL, as durable as in production; the web server as the Dockerfile starts it.
"""

from pathlib import Path

ROUNDS, SECONDS = 5, 5.0
ACCOUNTS, FEW, MANY = 1_000_000, 10_000, 1_000_000


def measure(
    *,
    rounds: int = ROUNDS,
    seconds: float = SECONDS,
    accounts: int = ACCOUNTS,
    few: int = FEW,
    many: int = MANY,
    json: Path | None = None,
) -> None:
    """Print the table and what must hold; `json` gets everything measured."""
    from bench.billing import world

    with world.open_world() as folder:
        # They import models, which must not be read before the world is there.
        from bench.billing import queries, report, resets, submits

        world.add_users(world.CALLERS, keys=world.CALLERS)
        world.remember_a_job()
        with world.serve(folder) as port:
            submitted = submits.measure(port=port, rounds=rounds, seconds=seconds)
            reset = resets.measure(port=port, accounts=accounts, seconds=seconds)
        found = report.Report(submits=submitted, reset=reset, queries=queries.measure(few=few, many=many))
        print(found.as_text())
        if json is not None:
            found.write_json(json)
