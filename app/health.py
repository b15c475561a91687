"""The four figures that are always visible: sync latency, error rate, orphan records, retry queue.

* latency: seconds from the end of a file's import to the target's confirmation; target under five minutes;
* error rate: share of sent documents that the target refused or that are in conflict; target under 0.1 %;
* orphans: documents confirmed here that the last pull of their period does not show, and documents there that carry
  this company's reference but are unknown here; target 0;
* retry queue: documents waiting to be sent, sent again or looked up; target 0.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from app import settings
from app.journal import Journal, schema
from app.journal.outbox import OPEN_STATES, State

LATENCY_TARGET_SECONDS = 300.0
ERROR_RATE_TARGET = 0.001


@dataclass(frozen=True, slots=True)
class Health:
    """None where nothing was measured yet."""

    latency_median: float | None
    latency_p95: float | None
    error_rate: float | None
    orphans: tuple[str, ...]
    queue: int
    queue_uncertain: int

    @property
    def latency_ok(self) -> bool:
        return self.latency_p95 is None or self.latency_p95 < LATENCY_TARGET_SECONDS

    @property
    def error_rate_ok(self) -> bool:
        return self.error_rate is None or self.error_rate < ERROR_RATE_TARGET

    @property
    def ok(self) -> bool:
        return self.latency_ok and self.error_rate_ok and not self.orphans and not self.queue


def measure(journal: Journal) -> Health:
    """The figures over everything this journal knows."""
    outbox = schema.outbox
    with journal.reading() as connection:
        rows = connection.execute(
            sa.select(outbox.c.state, outbox.c.confirmed_at, schema.batch.c.finished_at)
            .join(schema.document, schema.document.c.id == outbox.c.document_id)
            .join(schema.batch, schema.batch.c.id == schema.document.c.batch_id)
        ).all()
    latencies = sorted(
        (datetime.fromisoformat(row.confirmed_at) - datetime.fromisoformat(row.finished_at)).total_seconds()
        for row in rows
        if row.state == State.CONFIRMED and row.finished_at
    )
    failed = sum(1 for row in rows if row.state in (State.REJECTED, State.CONFLICT))
    settled = failed + sum(1 for row in rows if row.state == State.CONFIRMED)
    return Health(
        latency_median=statistics.median(latencies) if latencies else None,
        latency_p95=latencies[min(int(len(latencies) * 0.95), len(latencies) - 1)] if latencies else None,
        error_rate=failed / settled if settled else None,
        orphans=_orphans(journal),
        queue=sum(1 for row in rows if row.state in OPEN_STATES),
        queue_uncertain=sum(1 for row in rows if row.state in (State.UNCERTAIN, State.SENDING)),
    )


def as_json(health: Health) -> dict[str, object]:
    """The answer of ``cuadre status --json``."""
    return {
        "sync_latency": {
            "median_seconds": health.latency_median, "p95_seconds": health.latency_p95,
            "target_seconds": LATENCY_TARGET_SECONDS, "ok": health.latency_ok,
        },
        "error_rate": {"value": health.error_rate, "target": ERROR_RATE_TARGET, "ok": health.error_rate_ok},
        "orphan_records": {
            "value": len(health.orphans), "target": 0, "ok": not health.orphans, "documents": list(health.orphans),
        },
        "retry_queue": {
            "value": health.queue, "uncertain": health.queue_uncertain, "target": 0, "ok": not health.queue,
        },
    }  # fmt: skip


def _orphans(journal: Journal) -> tuple[str, ...]:
    pull, remote, outbox, document = schema.pull, schema.remote_line, schema.outbox, schema.document
    prefix = settings.company_code(journal) + "/"
    orphans: set[str] = set()
    with journal.reading() as connection:
        newest = sa.select(sa.func.max(pull.c.id)).group_by(pull.c.connection, pull.c.start, pull.c.end)
        for row in connection.execute(sa.select(pull).where(pull.c.id.in_(newest))).all():
            there = set(
                connection.execute(sa.select(remote.c.reference).where(remote.c.pull_id == row.id).distinct()).scalars()
            )
            sent = sa.select(outbox.c.external_ref, outbox.c.confirmed_at, document.c.date).join(
                document, document.c.id == outbox.c.document_id
            )
            known = connection.execute(sent.where(outbox.c.connection == row.connection)).all()
            references = {item.external_ref for item in known}
            orphans |= {ref for ref in there if ref.startswith(prefix) and ref not in references}
            orphans |= {
                item.external_ref
                for item in known
                if item.confirmed_at
                and item.confirmed_at < row.pulled_at
                and row.start <= item.date <= row.end
                and item.external_ref not in there
            }
    return tuple(sorted(orphans))
