"""``cuadre reconcile`` and ``status``."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from app.cli.home import open_home
from app.cli.output import Stop, answer, decided, table
from app.cli.rules import read as read_rules
from app.cli.sides import readable
from app.journal import Journal
from app.matching import Side
from app.matching import rules as rule_sets
from app.matching.currencies import home_currency, sums_by_currency
from app.money import show
from app.reconciling import (
    adjustment_vouchers,
    changed_lines,
    decisions,
    link_lists,
    papers,
    runs,
    signing,
    steps,
    summaries,
)
from app.reconciling.runs import Reconciliation
from app.reconciling.signing import STATE_TEXTS as WORKBOOK_STATES
from app.reconciling.words import ACCOUNT_STATES, category_text, closing_texts, noticed
from app.system_words import system_words
from app.translation import QT_TRANSLATE_NOOP, translate

_PROPOSED = QT_TRANSLATE_NOOP(
    "cli", "%n adjustment(s) proposed as batch:{batch}; cuadre push {connection} sends them."
)
_NO_ACCOUNT = QT_TRANSLATE_NOOP(
    "cli",
    "▲ %n difference(s) without an account to be posted to; give --contra or name it in the rule.",
)
SHOWN_ACCOUNTS = 40
SHOWN_CHANGES = 20


def reconcile(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    rules = read_rules(chosen.rules) if chosen.rules else None

    _check(chosen)

    def run() -> Reconciliation:
        return run_reconciliation(
            journal, chosen.left, chosen.right, rules, chosen.book, chosen.account
        )

    result = run()
    told = [_attach(journal, result, path) for path in chosen.attach]
    done: dict[str, object] = {"attached": chosen.attach} if told else {}
    left_over = 0
    if chosen.adjustments is not None:
        made, words = _adjust(journal, result, chosen.adjustments, chosen.contra)
        done["adjustments"], left_over = made, made["without_account"]
        told += words
    result = _step(journal, run() if told else result, chosen)
    for wanted, write in (
        (chosen.links, link_lists.write_links),
        (chosen.suggestions, link_lists.write_suggestions),
    ):
        if wanted:
            _written(lambda write=write, wanted=wanted: write(Path(wanted), result), wanted)  # type: ignore[misc]
    if chosen.report:
        save_report(journal, result, Path(chosen.report))
    if chosen.pdf:
        _written(lambda: papers.write_pdf(journal, result, Path(chosen.pdf)), chosen.pdf)
    value = {**summaries.summary(result), "accounts": summaries.accounts(result), **done}
    changed = list(changed_lines.change_texts(changed_lines.changes(journal, result)))
    answer(
        chosen.json, {**value, "changed": changed}, [*reconciliation_lines(result, changed), *told]
    )
    return 0 if result.settled and not left_over else 1


def _check(chosen: argparse.Namespace) -> None:
    """Stops before anything is done that only a part could be done of."""
    for path in chosen.attach:
        if not Path(path).is_file():
            raise Stop(translate("cli", "There is no file {path}.").format(path=path))
    if (chosen.attach or chosen.adjustments is not None) and chosen.advance in (
        "reviewed",
        "signed",
    ):
        text = translate(
            "cli",
            "What is added opens the reconciliation again: prepare it first (--advance prepared).",
        )
        raise Stop(text)


def _step(journal: Journal, result: Reconciliation, chosen: argparse.Namespace) -> Reconciliation:
    """Prepare, review, sign or open again, where that was asked for."""
    if not chosen.advance and not chosen.reopen:
        return result
    for path in filter(None, (chosen.links, chosen.suggestions, chosen.report, chosen.pdf)):
        _written(lambda path=path: _try_to_write(Path(path)), path)  # type: ignore[misc]

    def step() -> signing.Standing:
        if chosen.reopen:
            return signing.reopen(journal, result.identifier, chosen.reason)
        return steps.advance(journal, result, signing.State(chosen.advance), chosen.reason)

    return replace(result, standing=decided(step))


def _attach(journal: Journal, result: Reconciliation, path: str) -> str:
    """Keep a file as evidence of the whole reconciliation; says so."""

    def keep() -> None:
        decisions.attach(journal, result, Path(path), (), ())

    try:
        decided(keep)
    except OSError as error:
        raise Stop(f"{path}: {system_words(error)}") from None
    return translate("cli", "{path} is kept as evidence.").format(path=path)


def _adjust(
    journal: Journal, result: Reconciliation, code: str, contra: str
) -> tuple[dict[str, int], list[str]]:
    """Propose the vouchers of what the rules let differ; answers what was proposed, and says it."""
    connection = next((spec[5:] for spec in result.specs[::-1] if spec.startswith("pull:")), "")
    if not connection:
        raise Stop(
            translate("cli", "Adjustments go to the target whose books are a side: pull:NAME.")
        )
    drafts = decided(lambda: adjustment_vouchers.Drafts(journal, result, connection))
    found = [replace(one, contra=one.contra or contra) for one in drafts.differences()]
    ready = [one for one in found if one.account and one.contra and one.account != one.contra]
    value = {"proposed": len(ready), "without_account": len(found) - len(ready)}
    told = []
    if ready:
        intake = decided(
            lambda: adjustment_vouchers.propose(journal, result, connection, code, ready)
        )
        value["batch"] = intake.batch
        text = translate("cli", _PROPOSED, len(ready))
        told.append(text.format(batch=intake.batch, connection=connection))
    if len(found) > len(ready):
        told.append(translate("cli", _NO_ACCOUNT, len(found) - len(ready)))
    if not found:
        told.append(translate("cli", "The rules let nothing differ: there is nothing to adjust."))
    return value, told


def _try_to_write(path: Path) -> None:
    """So that nothing is signed whose paper cannot be written. Raises OSError."""
    new = not path.exists()
    with path.open("ab"):
        pass
    if new:
        path.unlink()


def _written(write: Callable[[], None], path: str) -> None:
    try:
        write()
    except OSError as error:
        text = translate("cli", "{path} cannot be written ({reason}).")
        raise Stop(text.format(path=path, reason=system_words(error))) from None


def run_reconciliation(
    journal: Journal,
    left: str,
    right: str,
    rules: rule_sets.RuleSet | None = None,
    book: str = "",
    accounts: Sequence[str] = (),
) -> Reconciliation:
    return readable(lambda: runs.reconcile(journal, left, right, rules, book, accounts))


def save_report(journal: Journal, result: Reconciliation, path: Path) -> None:
    try:
        papers.write_report(journal, result, path)
    except OSError as error:
        text = translate(
            "cli", "The report cannot be written to {path} ({reason}). Is it open in Excel?"
        )
        raise Stop(text.format(path=path, reason=system_words(error))) from None


def reconciliation_lines(result: Reconciliation, changed: Sequence[str] = ()) -> Iterator[str]:
    """The counts and the proof, for people; ``changed`` says what is no longer as it was decided
    on.
    """
    found = summaries.summary(result)
    for side in (result.left, result.right):
        yield from _side_lines(result, side)
    text = translate(
        "cli",
        "Matched {matched} · suggested {suggested} · different {different} · only left {only_left}"
        " ({only_left_explained} explained) · only right {only_right}",
    )
    yield text.format(**found)
    yield from noticed(result.matching)
    yield ""
    yield translate("cli", "PROOF (debit positive)")
    yield from proof_table(result)
    for category, amount in sorted(result.proof.explained.items()):
        text = translate("cli", "Explained: {why}, {amount}")
        yield text.format(why=category_text(category), amount=show(amount))
    if result.dropped:
        yield changed_lines.lost_text(len(result.dropped))
        yield from (f"  {text}" for text in changed[:SHOWN_CHANGES])
    if steps.changed_since_signing(result):
        yield "▲ " + translate(
            "cli", "It was signed, but would no longer come out as it was signed."
        )
    yield translate("cli", "State: {state}").format(
        state=translate("workbook", WORKBOOK_STATES[result.standing.state])
    )
    for code in result.proof.currencies:
        proof = result.proof.of_currency(code)
        yield translate("cli", "Difference to explain: {amount}").format(
            amount=f"{show(proof.difference)} {code}".rstrip()
        )
        if proof.unexplained and not proof.difference:
            text = translate(
                "cli", "The accounts differ by {amount} in all, though the net is zero."
            )
            yield text.format(amount=f"{show(proof.unexplained)} {code}".rstrip())
    if result.proof.is_mixed and "" in result.proof.currencies:
        yield "▲ " + translate(
            "cli",
            "Some lines name no currency and pair with none that does. Say what the books are in:"
            " cuadre company --currency.",
        )


def _side_lines(result: Reconciliation, side: Side) -> Iterator[str]:
    """The sums of a side; of several currencies each by itself."""
    if not result.proof.is_mixed:
        text = translate(
            "cli", "{name}: {lines} lines, debits {debit}, credits {credit}, net {total}"
        )
        yield text.format(
            name=side.name,
            lines=f"{len(side):,}",
            debit=show(side.debit),
            credit=show(side.credit),
            total=f"{show(side.total)} {result.proof.currencies[0]}".rstrip(),
        )
        return
    yield translate("cli", "{name}: {lines} lines").format(name=side.name, lines=f"{len(side):,}")
    home = home_currency(result.left, result.right)
    for code, (debit, credit) in sorted(sums_by_currency(side, home).items()):
        text = translate("cli", "  {currency}: debits {debit}, credits {credit}")
        yield text.format(currency=code or "–", debit=show(debit), credit=show(credit))


def proof_table(result: Reconciliation) -> list[str]:
    heading = (
        translate("cli", "Account"),
        translate("cli", "Opening"),
        translate("cli", "Movements left"),
        translate("cli", "Closing left"),
        translate("cli", "Explained"),
        translate("cli", "Movements right"),
        translate("cli", "Closing right"),
        translate("cli", "Unexplained"),
        translate("cli", "Open items"),
        translate("cli", "State"),
    )
    accounts = sorted(
        result.proof.accounts, key=lambda account: (-abs(account.unexplained), account.account)
    )
    rows: list[tuple[object, ...]] = [heading]
    for account in accounts[:SHOWN_ACCOUNTS]:
        explained = sum(account.explained.values())
        amounts = (
            account.left_opening,
            account.left_movements,
            account.left_closing,
            explained,
            account.right_movements,
            account.right_closing,
            account.unexplained,
        )
        state = translate("workbook", ACCOUNT_STATES[account.state])
        name = account.title
        rows.append((name, *map(show, amounts), str(account.open_items), state))
    lines = table(rows, right=range(1, 9))
    for account in accounts:
        lines += [f"▲ {text}" for text in closing_texts(account)]
    if len(accounts) > SHOWN_ACCOUNTS:
        text = translate("cli", "… and {count} more accounts without a difference to explain")
        hidden = accounts[SHOWN_ACCOUNTS:]
        if any(account.unexplained for account in hidden):
            text = translate("cli", "… and {count} more accounts; see the report")
        lines.append(text.format(count=len(hidden)))
    return lines
