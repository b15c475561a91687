"""``cuadre queue repeats`` and ``queue same``, ``queue other``: documents that were probably sent
already under another reference.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

from app import telling
from app.cli.intake import DOCUMENTS
from app.cli.output import Stop, answer, decided, table
from app.cli.targets import open_target
from app.journal import Journal
from app.sending import preflight, repeats
from app.sending.repeats import Repeat
from app.translation import translate
from connectors.errors import ConnectorError


def repeats_list(chosen: argparse.Namespace) -> int:
    """Each document beside the one it probably is."""
    _, found = _look(chosen)
    answer(chosen.json, [_as_json(repeat) for repeat in found], _lines(found))
    return 1 if found else 0


def repeats_same(chosen: argparse.Namespace) -> int:
    """They are there already: never send them."""
    journal, found = _chosen(chosen)
    decided(lambda: repeats.take_as_sent(journal, chosen.connection, found, chosen.reason))
    text = translate("cli", "{count} are there already and will not be sent.")
    answer(chosen.json, {"same": _references(found)}, [text.format(count=_counted(found))])
    return 0


def repeats_other(chosen: argparse.Namespace) -> int:
    """They are others: send them."""
    journal, found = _chosen(chosen)
    decided(lambda: repeats.tell_apart(journal, chosen.connection, found, chosen.reason))
    text = translate("cli", "{count} are others and go at the next sending.")
    answer(chosen.json, {"other": _references(found)}, [text.format(count=_counted(found))])
    return 0


def _look(chosen: argparse.Namespace) -> tuple[Journal, list[Repeat]]:
    journal, target = open_target(chosen, chosen.connection)
    try:
        return journal, preflight.check(journal, chosen.connection, target).repeats
    except ConnectorError as error:
        raise Stop(telling.tell(error)) from None
    finally:
        target.close()


def _chosen(chosen: argparse.Namespace) -> tuple[Journal, list[Repeat]]:
    """Those of one kind or with one reference; all where neither was said. Raises Stop where there
    are none.
    """
    journal, found = _look(chosen)
    which = chosen.which
    some = [repeat for repeat in found if not which or which in (repeat.change, repeat.reference)]
    if not some:
        raise Stop(translate("cli", "No document that was probably sent already is meant by that."))
    return journal, some


def _references(found: Sequence[Repeat]) -> list[str]:
    return [repeat.reference for repeat in found]


def _counted(found: Sequence[Repeat]) -> str:
    return translate("cli", DOCUMENTS, len(found))


def _lines(found: Sequence[Repeat]) -> Iterator[str]:
    if not found:
        yield translate("cli", "No document was probably sent already.")
        return
    for change in dict.fromkeys(repeat.change for repeat in found):
        those = [repeat for repeat in found if repeat.change == change]
        yield f"{change}  ({_counted(those)})"
        yield from ("  " + line for line in table([_row(repeat) for repeat in those]))
    text = translate(
        "cli",
        "Say of each kind (or reference) whether they are the same or others: cuadre queue same,"
        " cuadre queue other.",
    )
    yield text


def _row(repeat: Repeat) -> tuple[str, ...]:
    seen = repeat.seen
    total = sum(debit for debit, _ in seen.content.amounts)
    return (
        repeat.reference,
        repeat.kind.about(repeat.document),
        "=",
        seen.reference or "–",
        seen.number,
        str(seen.content.day),
        f"{total:,.2f}",
        seen.text[:60],
    )


def _as_json(repeat: Repeat) -> dict[str, object]:
    return {
        "reference": repeat.reference,
        "change": repeat.change,
        "ours": repeat.kind.as_data(repeat.document),
        "theirs": {
            "reference": repeat.seen.reference,
            "number": repeat.seen.number,
            "date": repeat.seen.content.day,
            "lines": [
                {"account": account, "debit": debit, "credit": credit}
                for account, debit, credit in repeat.seen.content.lines
            ],
            "text": repeat.seen.text,
        },
    }
