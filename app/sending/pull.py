"""The target's own books for a period, back into the journal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple, cast

from app.journal import Journal, events, pulls, roles
from app.journal.roles import Role
from app.journal.rows import RemoteLine, StatedBalance
from app.money import to_minor
from app.translation import QT_TRANSLATE_NOOP
from connectors import LedgerMove
from connectors.contract import Connector, StatesBalances
from connectors.errors import Rejected, Unauthorized


class Pulled(NamedTuple):
    """``refused`` are the target's words where it did not hand out its trial balance; the lines are
    there all the same. ``whole`` is False where the target shows the lines of its journal entries
    only, so that balances of what was pulled are not those of its books.
    """

    identifier: int
    lines: int
    refused: str = ""
    whole: bool = True


def pull(
    journal: Journal,
    connection_name: str,
    target: Connector,
    start: date,
    end: date,
    progress: Callable[[int], bool] | None = None,
) -> Pulled:
    """Read the target's posted ledger lines from ``start`` to ``end``, and its trial balance before
    and after them where it states one.

    Everything is fetched before the journal is locked for writing; a pull that fails or is stopped
    (``progress`` answering False raises KeyboardInterrupt) leaves only the event that says so.
    """
    roles.require(journal, Role.PUSH)
    subject = f"connection:{connection_name}"
    try:
        moves = list(_counted(target.ledger(start, end), progress))
        balances, refused = _balances(target, start, end)
    except BaseException as error:
        events.record(
            journal,
            "pull.failed",
            subject,
            start=start,
            end=end,
            reason=f"{type(error).__name__}: {error}",
        )
        raise
    lines = [_line(position, move) for position, move in enumerate(moves, start=1)]
    number = pulls.keep(journal, connection_name, (start, end), lines, balances, refused)
    return Pulled(number, len(lines), refused, target.capabilities.whole_ledger)


PARTLY = QT_TRANSLATE_NOOP(
    "pull",
    "Only the lines of its journal entries can be read, not those its invoices and payments make:"
    " compare vouchers with it, not balances.",
)


def _balances(target: Connector, start: date, end: date) -> tuple[list[StatedBalance], str]:
    """Opening and closing of each account that has either; or why the target does not let them be
    read.
    """
    if not target.capabilities.balances:
        return [], ""
    stating = cast(StatesBalances, target)
    try:
        opening = stating.balances(start - timedelta(days=1), start.year)
        closing = stating.balances(end, end.year)
    except (Rejected, Unauthorized) as error:
        return [], error.words
    return [
        StatedBalance(
            account,
            opening=to_minor(opening.get(account, _NOTHING)),
            closing=to_minor(closing.get(account, _NOTHING)),
        )
        for account in sorted({*opening, *closing})
    ], ""


_NOTHING = Decimal(0)


def _counted(
    moves: Iterator[LedgerMove], progress: Callable[[int], bool] | None
) -> Iterator[LedgerMove]:
    for count, move in enumerate(moves, start=1):
        if progress and count % 500 == 0 and not progress(count):
            raise KeyboardInterrupt
        yield move


def _line(position: int, move: LedgerMove) -> RemoteLine:
    return RemoteLine(
        position=position,
        remote_id=move.remote_id,
        entry_id=move.entry_id,
        date=move.date.isoformat(),
        account=move.account,
        account_name=move.account_name,
        debit=to_minor(move.debit),
        credit=to_minor(move.credit),
        number=move.number,
        reference=move.reference,
        label=move.label,
        partner=move.partner,
        tax_id=move.tax_id,
    )
