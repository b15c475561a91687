"""The learned scorer on ledgers kept in ways it was not made for, and what must hold of it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from app.decisions import Match, Part
from app.matching import Matching, MatchState, Side, match, prove
from app.matching import rules as rule_sets
from app.matching.outcome import Rule
from app.matching.reasons import reason
from tests.app.matching.test_engine import matched, side
from tests.benchmarks.ledgers import Truth, judge
from tests.benchmarks.worlds import banks, books, others

LINES = 1500
WORLDS = {**books.WORLDS, **banks.WORLDS, **others.WORLDS}
DECEIVING = {"hospital", "bank_terse", "card_settlements", "unrelated"}
"""Worlds in which little or nothing is told but the amount."""
POSTED_TWICE = {"documents_by_uuid", "barcode_references"}
"""Worlds in which the second posting of a document says more of it than the first, or the same."""
LEAST = {
    "erp_copy": (0.99, 0.995),
    "two_erps": (0.95, 0.98),
    "subsidiaries": (0.93, 0.98),
    "documents_by_uuid": (0.93, 0.95),
    "bank_simple": (0.75, 0.97),
    "barcode_references": (0.85, 0.95),
    "withholdings": (0.4, 0.95),
    "supplier_statement": (0.88, 0.93),
    "currencies": (0.85, 0.95),
}
"""Recall of what is confirmed, and with the first proposals."""


@pytest.fixture(scope="module")
def truths() -> Callable[[str], tuple[Truth, Matching]]:
    known: dict[str, tuple[Truth, Matching]] = {}

    def found(name: str) -> tuple[Truth, Matching]:
        if name not in known:
            truth = WORLDS[name](LINES, 77)
            known[name] = truth, match(*truth.sides())
        return known[name]

    return found


Known = Callable[[str], tuple[Truth, Matching]]


def _groups(found: Matching, confirmed: bool) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    return [
        (group.left, group.right)
        for group in found.groups
        if group.left and group.right and (group.state is MatchState.MATCHED or not confirmed)
    ]


@pytest.mark.parametrize("name", sorted(WORLDS))
def test_what_is_confirmed_is_right(name: str, truths: Known) -> None:
    truth, found = truths(name)
    score = judge(truth, _groups(found, confirmed=True))
    share = 0.003 if name in POSTED_TWICE else 0.0015
    assert score.made - score.right <= max(share * score.made, 1)


@pytest.mark.parametrize("name", sorted(LEAST))
def test_what_belongs_together_is_found(name: str, truths: Known) -> None:
    truth, found = truths(name)
    confirmed, proposed = LEAST[name]
    assert judge(truth, _groups(found, confirmed=True)).recall >= confirmed
    assert judge(truth, _groups(found, confirmed=False)).recall >= proposed


@pytest.mark.parametrize("name", sorted(WORLDS.keys() - DECEIVING))
def test_a_stated_confidence_is_a_probability(name: str, truths: Known) -> None:
    truth, found = truths(name)
    true = {(tuple(sorted(left)), tuple(sorted(right))) for left, right, _ in truth.groups}
    both = [group for group in found.groups if group.left and group.right]
    said = sum(group.confidence for group in both) / len(both)
    right = sum((group.left, group.right) in true for group in both) / len(both)
    assert abs(said - right) <= 0.04


def test_of_two_ledgers_that_have_nothing_to_do_with_each_other_nothing_is_confirmed() -> None:
    for seed in (1, 2, 3):
        truth = banks.unrelated(2000, seed)
        found = match(*truth.sides())
        assert not matched(found)
        assert len(found.groups) <= 0.01 * len(truth.left)


@pytest.mark.parametrize("name", ["two_erps", "currencies", "bank_colombia", "hospital", "freight"])
def test_neither_the_order_of_lines_nor_which_side_is_first_changes_anything(name: str) -> None:
    truth = WORLDS[name](600, 5)
    left, right = truth.sides()
    straight = _by_key(match(left, right), left, right)
    turned = _by_key(match(right, left), right, left)
    assert {(mine, theirs, *rest) for theirs, mine, *rest in turned} == straight
    chance = random.Random(3)
    mine, theirs = _shuffled(left, chance), _shuffled(right, chance)
    assert _by_key(match(mine, theirs), mine, theirs) == straight


def _shuffled(one: Side, chance: random.Random) -> Side:
    order = list(range(len(one)))
    chance.shuffle(order)
    return replace(one.reordered(order), row=list(range(1, len(order) + 1)))


def _by_key(found: Matching, left: Side, right: Side) -> set[tuple[object, ...]]:
    return {
        (
            frozenset(left.key[line] for line in group.left),
            frozenset(right.key[line] for line in group.right),
            group.rule,
            group.state,
            group.confidence,
        )
        for group in found.groups
    }


def test_amounts_of_two_currencies_never_pair(truths: Known) -> None:
    truth, found = truths("currencies")
    for group in found.groups:
        codes = {truth.left[line].currency for line in group.left}
        codes |= {truth.right[line].currency for line in group.right}
        assert len(codes) == 1


def test_a_withholding_nobody_made_a_rule_of_is_named_and_only_proposed(truths: Known) -> None:
    """2.5 % and 4 % of a base the invoice has 19 % of tax upon: 2.101 % and 3.361 % of the
    total.
    """
    _truth, found = truths("withholdings")
    named = {share.percent.copy_abs() for share in found.shares}
    for percent in (Decimal("2.5") / Decimal("1.19"), Decimal(4) / Decimal("1.19")):
        assert any(abs(share - percent) < Decimal("0.01") for share in named)
    by_share = [group for group in found.groups if group.rule is Rule.SHARE]
    assert by_share and all(group.state is MatchState.SUGGESTED for group in by_share)


def test_a_rule_made_of_the_share_that_was_told_confirms_what_was_proposed(truths: Known) -> None:
    truth, found = truths("withholdings")
    rules = "".join(
        f'[[rule]]\nkind = "fee"\nname = "retención"\npercent = {abs(share.percent)}\n'
        f'cents = {share.cents}\ndays = 31\naccount = "135515"\n'
        for share in found.shares
    )
    every = rule_sets.dump(rule_sets.RuleSet())
    ruled = match(*truth.sides(), rules=rule_sets.parse(every + rules))
    confirmed = judge(truth, _groups(found, confirmed=True)).recall
    score = judge(truth, _groups(ruled, confirmed=True))
    assert score.recall > confirmed + 0.2 and score.precision >= 0.997


def test_accounts_of_two_charts_that_go_together_are_one_in_the_proof(truths: Known) -> None:
    truth, found = truths("two_erps")
    left, right = truth.sides()
    pairs = {(pair.left, pair.right) for pair in found.accounts}
    assert ("1102-001", "1102.001") in pairs
    assert len({code for code, _ in pairs}) == len(pairs), "each account is one other's"
    proved = {row.account: row for row in prove(left, right, found).accounts}
    assert "1102.001" not in proved
    assert proved["1102-001"].title == "1102-001 = 1102.001", "and says so"
    turned = match(right, left)
    assert {(pair.right, pair.left) for pair in turned.accounts} == pairs


@pytest.mark.parametrize("pair", ['"A" = "B"', '"B" = "A"'], ids=["as given", "turned"])
def test_what_a_rule_says_of_accounts_holds_whichever_side_is_the_left_one(pair: str) -> None:
    rules = rule_sets.parse(f"[accounts]\n{pair}\n")
    assert rule_sets.parse(rule_sets.dump(rules)) == rules
    left = replace(side("l", (5, 100, "F-1", "", "")), account=["A"])
    right = replace(side("r", (5, 100, "F-1", "", "")), account=["B"])
    (row,) = prove(left, right, match(left, right, rules=rules)).accounts
    assert (row.account, row.unexplained) == ("A", 0)


def test_a_company_may_let_amount_and_day_confirm_or_ask_for_more_than_is_usual() -> None:
    truth = others.WORLDS["bank_terse"](LINES, 5)
    sides = truth.sides()
    careful = len(matched(match(*sides)))
    bold = match(*sides, rules=rule_sets.parse("amount_alone = true\n"))
    assert len(matched(bold)) > 10 * max(careful, 1)
    assert judge(truth, _groups(bold, confirmed=True)).precision >= 0.99
    strict = match(*sides, rules=rule_sets.parse("amount_alone = true\npromise = 0.9999\n"))
    assert len(matched(strict)) < len(matched(bold))


@pytest.mark.parametrize(
    "text",
    [
        "promise = 0.4",
        "promise = 1.0",
        'promise = "high"',
        "promise = true",
        "amount_alone = 1",
        "accounts = 3",
        "[accounts]\nA = 3",
    ],
)
def test_what_is_no_promise_and_no_account_is_refused(text: str) -> None:
    with pytest.raises(rule_sets.NotRules):
        rule_sets.parse(f"{text}\n")


def test_what_people_decided_is_neither_undone_nor_made_again() -> None:
    truth = books.WORLDS["two_erps"](400, 9)
    left, right = truth.sides()
    first = match(left, right)
    group = next(one for one in first.groups if one.state is MatchState.MATCHED)
    keys = tuple(left.key[line] for line in group.left), tuple(right.key[x] for x in group.right)
    parted = match(left, right, [Part(*keys)])
    assert (group.left, group.right) not in {(one.left, one.right) for one in parted.groups}
    other = (left.key[first.only_left[0]],), (right.key[first.only_right[0]],)
    accepted = match(left, right, [Match(*other, note="same")])
    made = next(one for one in accepted.groups if one.rule is Rule.PERSON)
    assert (made.left, made.right) == ((first.only_left[0],), (first.only_right[0],))


def test_a_reason_says_by_what_factor_each_thing_speaks() -> None:
    common = [(day, 1000 + 7 * day, f"FAC-{900 + day}", "", "") for day in range(1, 25)]
    left = side("l", (5, 70_000, "FAC-77", "Ferretería Núñez", ""), *common)
    right = side("r", (6, 70_000, "FAC 77", "FERRETERIA NUNEZ", ""), *common)
    found = match(left, right)
    said = reason(found.groups[0], left, right)
    assert said.count("×") >= 3 and said.endswith(" %")


def test_a_document_posted_twice_is_no_sum_of_itself() -> None:
    """Every whole voucher is zero in all: two of them against one are no sum that comes out."""
    voucher = ((100_000, "cliente"), (-86_207, "venta"), (-13_793, "iva"))
    rows = [(5, cents, "A-998", "Uno", text) for cents, text in voucher]
    again = [(6, cents, "A-998", "Uno", text) for cents, text in voucher]
    later = [(7, cents, "A-998", "UNO", text) for cents, text in voucher]
    found = match(side("l", *rows, *again), side("r", *later))
    assert all(len(left) == len(right) == 1 for left, right in matched(found))


def test_a_document_people_are_to_confirm_is_confirmed_by_no_other_rule() -> None:
    rules = rule_sets.parse(
        '[[rule]]\nkind = "document"\nautomatic = false\n\n[[rule]]\nkind = "reference"\n'
    )
    rows = [(day, 1000 + 7 * day, f"FAC-{900 + day}", "", "") for day in range(1, 9)]
    left, right = side("l", *rows), side("r", *rows)
    assert len(matched(match(left, right, rules=rules))) == len(rows)
    ours = [f"CUADRE-{day}" for day in range(1, 9)]
    left, right = replace(left, document=ours), replace(right, document=ours)
    found = match(left, right, rules=rules)
    assert not matched(found) and len(found.groups) == len(rows)


def test_lines_of_a_crowd_that_were_not_compared_are_counted() -> None:
    crowd = [(5, 10_000, "", "", "")] * 200
    found = match(side("l", *crowd), side("r", *crowd))
    assert not found.groups and found.not_searched == 400


def test_a_payroll_is_one_line_of_the_bank() -> None:
    staff = [
        (15, -(500_000 + 1_357 * number), f"NOM-{number}", "", "Nómina") for number in range(9)
    ]
    left = side("l", *staff, (3, 12_345, "A-1", "", ""), (20, 777, "A-2", "", ""))
    total = sum(line[1] for line in staff)
    right = side("r", (15, total, "998877", "", "PAGO DE NOMINA"), (3, 12_345, "A-1", "", ""))
    groups = {(group.left, group.right): group for group in match(left, right).groups}
    assert groups[tuple(range(9)), (0,)].rule is Rule.SAID_TOGETHER
