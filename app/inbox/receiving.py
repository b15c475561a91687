"""One delivery of a vendor: checked, understood as far as to know what it hints at, kept durably,
then answered. Nothing of its content is believed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from app.journal import Journal, cursors, inbox
from app.journal.errors import DataError
from app.journal.inbox import Door, Hint, State
from app.journal.rows import EndpointRow, Transaction
from app.journal.store import database_instant, written
from connectors import Kind
from connectors.webhooks import SCHEMES, BadBody, BadSignature, Delivery, Notice, Scheme
from connectors.webhooks.delivery import parsed

HOLE_FILLS = timedelta(minutes=2)
"""So long is waited for numbers missing in a vendor's sequence: retries may still bring them."""


MOST_NOTICES = 1_000
OLDEST, YOUNGEST = timedelta(days=30), timedelta(minutes=5)
"""How far before and after its arrival an event may say it happened."""
_RECORDS = frozenset({"document", *(kind.value for kind in Kind)})


@dataclass(frozen=True, slots=True)
class Answer:
    """``status`` of HTTP; ``new`` rows kept, ``repeated`` ones that came before. ``late`` is by how
    many seconds a signed instant lies before ours where that is what was wrong.
    """

    status: int
    new: int = 0
    repeated: int = 0
    late: float = 0.0


def receive(journal: Journal, door: EndpointRow, keys: Sequence[str], delivery: Delivery) -> Answer:
    """Check and keep a delivery; committed before it is answered with 200. Raises
    sqlalchemy.exc.DatabaseError where it could not be kept, which is never a 200.
    """
    scheme = SCHEMES[door.vendor]
    if scheme.check is not None:
        try:
            scheme.check(delivery, keys)
        except BadSignature as bad:
            return Answer(401, late=bad.late)
    if not delivery.body and scheme.takes_empty:
        return Answer(200)
    try:
        value = parsed(delivery.body)
        notices = scheme.notices(delivery, value)
        if len(notices) > MOST_NOTICES:
            raise BadBody("more events than a vendor sends at once")
    except Exception as bad:  # whatever a stranger thought of
        return _not_understood(journal, door, scheme, delivery, f"{type(bad).__name__}: {bad}")
    headers = {name: delivery.headers[name] for name in scheme.headers if name in delivery.headers}
    hints = [_hint(one, headers, delivery.at) for one in notices]
    try:
        with journal.writing(by_row=True) as transaction:
            kept = inbox.put(
                transaction,
                journal.actor,
                Door.WEBHOOK,
                door.connection,
                hints,
                revives=not scheme.is_signed,
            )
            _mind_holes(transaction, door, scheme, value)
    except DataError as bad:  # what this database will never take
        return _not_understood(journal, door, scheme, delivery, str(bad.orig))
    return Answer(200, kept.new, kept.repeated)


def _not_understood(
    journal: Journal, door: EndpointRow, scheme: Scheme, delivery: Delivery, why: str
) -> Answer:
    """What a vendor signed is kept for a person, and taken: sending it again would not help. From
    an unsigned one it may be anybody's.
    """
    if not scheme.is_signed:
        return Answer(400)
    content = hashlib.sha256(delivery.body).hexdigest()
    hint = Hint(content, "unreadable", "", "", body=delivery.body, state=State.DEAD, words=why)
    kept = inbox.receive(journal, Door.WEBHOOK, door.connection, [hint])
    return Answer(200, kept.new, kept.repeated)


def _hint(notice: Notice, headers: Mapping[str, str], at: float) -> Hint:
    """An instant the vendor cannot mean (a wrong clock, a stranger) is none: it happened when it
    came.
    """
    record = notice.record if notice.record in _RECORDS else ""
    has_record = bool(record and notice.remote_id)
    received = datetime.fromtimestamp(at, UTC)
    occurred = notice.occurred_at
    if occurred is not None and not received - OLDEST <= occurred <= received + YOUNGEST:
        occurred = None
    said = {**headers, "merged": " ".join(notice.merged)} if notice.merged else headers
    return Hint(
        notice.dedup,
        notice.kind,
        record,
        notice.remote_id,
        occurred,
        notice.body,
        said,
        State.NEW if has_record else State.IGNORED,
    )


def _mind_holes(transaction: Transaction, door: EndpointRow, scheme: Scheme, value: Any) -> None:
    """Where a vendor counts what it sends: numbers that are missing mean changes nobody announced,
    so that what changed is asked for. Numbers that come again are retries.
    """
    counted = scheme.sequence(value)
    if counted is None:
        return
    stream = f"#sequence {door.token_sha256[:16]}"
    known = cursors.mark_of(transaction, door.connection, stream)
    first, last = counted
    if known and first > int(known) + 1:
        at = written(database_instant(transaction) + HOLE_FILLS)
        cursors.hasten(transaction, door.connection, at)
    if last > int(known or -1):
        cursors.move(transaction, door.connection, stream, {"mark": str(last)})
