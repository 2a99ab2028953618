"""The one judge of tests and chaos: what of the product's promises is broken, read from rows, files and log.

Nothing is believed that the product says of itself alone: calls are counted by the provider's own log,
money by the ledger's rows. `test_verdict.py` bends each of them to show that the judge sees it.
"""

import hashlib
import itertools
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, fields
from pathlib import Path

from carousels.providers.offline.scripts import Call, read_calls

# Seconds from a call's end until its result is committed, at the most: 64 at once, over two connections.
RECORDING = 5.0

Sql = Callable[..., list[tuple]]


@dataclass(frozen=True)
class Kill:
    """From `began` to `ended` (seconds since 1970) these processes were killed or held; None: all of them."""

    began: float
    ended: float
    pids: frozenset[int] | None

    def cut(self, call: Call, following: Call, *, recording: float = 0.0) -> bool:
        """Whether it came between the call's start and end (or its being recorded), and before the repeat."""
        is_victim = self.pids is None or call.pid in self.pids
        last_moment = float("inf") if call.ended_at is None else call.ended_at + recording
        return (
            is_victim
            and call.started_at <= self.ended
            and self.began <= min(last_moment, following.started_at)
        )


@dataclass(frozen=True)
class Verdict:
    """What is wrong, in words, by the promise it breaks; and how many repeats a kill explains.

    `in_flight`: it cut the call off. `unrecorded`: the answer had come, and died with its process.
    """

    lost: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    double_charges: list[str] = field(default_factory=list)
    bought_twice: list[str] = field(default_factory=list)
    wrong_ledger: list[str] = field(default_factory=list)
    gaps_in_events: list[str] = field(default_factory=list)
    damaged_files: list[str] = field(default_factory=list)
    in_flight: int = 0
    unrecorded: int = 0

    @property
    def faults(self) -> dict[str, list[str]]:
        named = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: found for name, found in named.items() if found and isinstance(found, list)}


def judge(
    *,
    sql: Sql,
    calls: Path,
    media: Path,
    accepted: Collection[str],
    kills: Iterable[Kill] = (),
    failing: Collection[str] = (),
) -> Verdict:
    """Judge all jobs, those of `accepted` submits among them; who is in `failing` had to fail."""
    kills = list(kills)
    statuses = {str(job): status for job, status in sql("SELECT id, status FROM generation_jobs")}
    bought_twice, reasons = _repeats(sql=sql, log=read_calls(calls), accepted=accepted, kills=kills)
    return Verdict(
        lost=_lost(statuses, accepted=accepted, failing=failing) + _incomplete(sql),
        stuck=_stuck(sql),
        double_charges=_double_charges(sql),
        bought_twice=bought_twice,
        wrong_ledger=_wrong_balances(sql),
        gaps_in_events=_gaps(sql),
        damaged_files=_damaged(sql, media, accepted=accepted),
        in_flight=reasons["in flight"],
        unrecorded=reasons["unrecorded"],
    )


def is_anything_under_way(sql: Sql) -> bool:
    return bool(sql("SELECT 1 FROM generation_jobs WHERE status IN ('queued', 'processing') LIMIT 1"))


def _lost(statuses: dict[str, str], *, accepted: Collection[str], failing: Collection[str]) -> list[str]:
    """Those without a row; and of all rows, whoever's submit got an answer or not, those that ended wrong."""
    gone = [f"job {job} was accepted and has no row" for job in accepted if job not in statuses]
    ended_wrong = [
        f"job {job} is {status}"
        for job, status in statuses.items()
        if status in ({"completed", "cancelled"} if job in failing else {"failed", "cancelled"})
    ]
    return gone + ended_wrong


def _incomplete(sql: Sql) -> list[str]:
    """A carousel that is called ready, and is not."""
    rows = sql(
        """SELECT c.id, c.image_count, count(s.id) FROM carousels c
        LEFT JOIN slides s ON s.carousel_id = c.id AND s.art_key <> '' AND s.image_key <> ''
        WHERE c.status = 'completed' AND EXISTS (SELECT 1 FROM generation_jobs j WHERE j.carousel_id = c.id
            AND j.job_type = 'carousel_generation' AND j.status = 'completed')
        GROUP BY c.id HAVING count(s.id) <> c.image_count"""
    )
    return [f"carousel {carousel} is ready with {made} of {asked} slides" for carousel, asked, made in rows]


def _stuck(sql: Sql) -> list[str]:
    jobs = sql("SELECT id, status FROM generation_jobs WHERE status IN ('queued', 'processing')")
    steps = sql(
        """SELECT s.id, s.kind, s.status, s.job_id, j.status FROM job_steps s
        JOIN generation_jobs j ON j.id = s.job_id
        WHERE s.status IN ('waiting', 'queued', 'running')
        AND (j.status IN ('completed', 'failed', 'cancelled') OR s.run <> j.run)"""
    )
    return [f"job {job} is still {status}" for job, status in jobs] + [
        f"step {step} ({kind}) is {status}, its job {job} {ended}" for step, kind, status, job, ended in steps
    ]


def _double_charges(sql: Sql) -> list[str]:
    """A completed job is charged once (or was free), one that ended otherwise has all its money back."""
    rows = sql(
        """SELECT j.id, j.status, count(*) FILTER (WHERE l.kind = 'charge'),
            count(*) FILTER (WHERE l.kind = 'refund'), sum(l.credits),
            count(*) - count(DISTINCT (l.kind, l.reference))
        FROM generation_jobs j JOIN billing_ledger l ON starts_with(l.reference, 'job:' || j.id || ':')
        GROUP BY j.id"""
    )
    return [
        f"job {job} is {status}: {charges} charges, {refunds} refunds, {repeated} repeated, {net} credits"
        for job, status, charges, refunds, net, repeated in rows
        if repeated or charges - refunds != (0 if status in ("failed", "cancelled") else 1) or net > 0
    ]


def _wrong_balances(sql: Sql) -> list[str]:
    balances = sql(
        """SELECT a.user_id, a.credits, coalesce(sum(l.credits), 0) FROM billing_accounts a
        LEFT JOIN billing_ledger l ON l.account_id = a.user_id
        GROUP BY a.user_id HAVING a.credits <> coalesce(sum(l.credits), 0)"""
    )
    running = sql(
        """SELECT id, balance_after, balance FROM (SELECT id, balance_after,
            sum(credits) OVER (PARTITION BY account_id ORDER BY id) AS balance FROM billing_ledger) entries
        WHERE balance_after <> balance"""
    )
    uncharged = sql(
        """SELECT j.id FROM generation_jobs j WHERE j.job_type <> 'render'
        AND NOT EXISTS (SELECT 1 FROM billing_ledger l WHERE l.kind = 'charge'
            AND starts_with(l.reference, 'job:' || j.id || ':'))"""
    )
    return (
        [f"account {user} holds {held}, its entries add up to {total}" for user, held, total in balances]
        + [f"entry {entry} says {said} is left, it is {balance}" for entry, said, balance in running]
        + [f"job {job} was never charged" for (job,) in uncharged]
    )


def _gaps(sql: Sql) -> list[str]:
    numbers = sql(
        """SELECT j.id, min(e.sequence), max(e.sequence), count(e.id) FROM generation_jobs j
        LEFT JOIN job_events e ON e.job_id = j.id GROUP BY j.id
        HAVING count(e.id) = 0 OR min(e.sequence) <> 1 OR max(e.sequence) <> count(e.id)"""
    )
    broken = sql(
        """SELECT job_id, sequence, from_status, before FROM (SELECT job_id, sequence, from_status,
            lag(to_status) OVER (PARTITION BY job_id ORDER BY sequence) AS before
            FROM job_events WHERE step_kind IS NULL) changes
        WHERE from_status IS DISTINCT FROM before"""
    )
    untold = sql(
        """SELECT j.id, j.status, last.to_status FROM generation_jobs j JOIN LATERAL
        (SELECT to_status FROM job_events e WHERE e.job_id = j.id AND e.step_kind IS NULL
        ORDER BY sequence DESC LIMIT 1) last ON true WHERE last.to_status <> j.status"""
    )
    return (
        [f"job {job} has {count} events from {first} to {last}" for job, first, last, count in numbers]
        + [f"event {number} of job {job} leaves {left}, it was {was}" for job, number, left, was in broken]
        + [f"job {job} is {status}, its last event says {told}" for job, status, told in untold]
    )


def _damaged(sql: Sql, media: Path, *, accepted: Collection[str]) -> list[str]:
    """Files that rows name and that are not there, or hold other bytes than their name says."""
    rows = sql(
        """SELECT s.art_key, s.image_key, s.jpeg_key, s.thumbnail_key FROM slides s
        JOIN generation_jobs j ON j.carousel_id = s.carousel_id WHERE j.id = ANY(%s::uuid[])""",
        list(accepted),
    )
    keys = {key for row in rows for key in row if key}
    return [f"{key} is {fault}" for key in sorted(keys) if (fault := _fault_of(media / key))]


def _fault_of(path: Path) -> str | None:
    if not path.is_file():
        return "gone"
    return None if hashlib.sha256(path.read_bytes()).hexdigest() in path.name else "not what its name says"


def _repeats(
    *, sql: Sql, log: dict[str, dict[str, list[Call]]], accepted: Collection[str], kills: list[Kill]
) -> tuple[list[str], Counter[str]]:
    """What was bought again for no reason or was never bought, and the reasons of the other repeats."""
    finished = _finished(sql)
    bad, all_reasons = [], Counter()
    for job, name, calls in (
        (job, name, calls) for job, named in log.items() for name, calls in named.items()
    ):
        bought = [call for call in calls if call.outcome in (None, "ok")]
        reasons = [
            _reason(*pair, kills=kills, done_at=finished.get((job, name)))
            for pair in itertools.pairwise(bought)
        ]
        all_reasons.update(filter(None, reasons))
        if None in reasons:
            bad.append(f"{name} of job {job} was bought {len(bought)} times, because {reasons}")
    unbought = [key for key in finished if key[0] in accepted and not _has_succeeded(log, *key)]
    return bad + [f"{name} of job {job} is there and was never bought" for job, name in unbought], all_reasons


def _reason(call: Call, following: Call, *, kills: list[Kill], done_at: float | None) -> str | None:
    if done_at is not None and following.started_at > done_at:
        return None  # for something finished there is none
    if any(kill.cut(call, following) for kill in kills):
        return "in flight"
    if any(kill.cut(call, following, recording=RECORDING) for kill in kills):
        return "unrecorded"
    return None


def _has_succeeded(log: dict[str, dict[str, list[Call]]], job: str, name: str) -> bool:
    return any(call.outcome == "ok" for call in log.get(job, {}).get(name, []))


def _finished(sql: Sql) -> dict[tuple[str, str], float]:
    """When each picture and each text was first there, in seconds since 1970, under the name of its call."""
    rows = sql(
        """SELECT job_id, kind, slide_number, extract(epoch FROM min(finished_at)) FROM job_steps
        WHERE status = 'done' AND kind <> 'finalize' GROUP BY job_id, kind, slide_number"""
    )
    return {(str(job), f"slide-{number}" if number else kind): float(at) for job, kind, number, at in rows}
