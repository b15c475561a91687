"""The engine on cases a bookkeeper knows, and on ledgers of which the truth is known."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.decisions import Match
from app.matching import Matching, MatchState, RuleSet, Side, SideBuilder, match, prove
from app.matching import rules as rule_sets
from app.matching.assignment import hungarian
from app.matching.composites import by_chance
from app.matching.likeness import similarity
from app.matching.outcome import Learned, Rule
from app.matching.party_names import normalise_name
from app.matching.reasons import reason, why_open
from app.matching.references import number_of, numbers_in
from app.matching.rules import NotRules
from app.matching.sums import solve
from tests.benchmarks.ledgers import Maker, judge

Row = tuple[int, int, str, str, str]
"""Day of January, cents, reference, party, text."""


def side(name: str, *rows: Row, tax: str = "") -> Side:
    builder = SideBuilder(name)
    for number, (day, cents, reference, party, text) in enumerate(rows):
        builder.add(
            f"{name}{number:04}",
            date(2026, 1, 1) + timedelta(days=day - 1),
            cents,
            reference=reference,
            party=party,
            text=text,
            tax_id=tax,
        )
    return builder.build()


def matched(found: Matching) -> set[tuple[tuple[int, ...], tuple[int, ...]]]:
    return {
        (group.left, group.right) for group in found.groups if group.state is MatchState.MATCHED
    }


def test_one_line_and_the_lines_of_its_reference_that_add_up_to_it() -> None:
    left = side("l", (5, 174000, "FAC-12", "Núñez", ""), (6, 5000, "FAC-13", "Peña", ""))
    right = side(
        "r",
        (5, 116000, "F 12", "NUNEZ", ""),
        (5, 58000, "fac-12", "NUNEZ", ""),
        (6, 5000, "FAC-13", "PENA", ""),
    )
    found = match(left, right)
    assert ((0,), (0, 1)) in matched(found)
    (group,) = [group for group in found.groups if len(group.right) == 2]
    assert "1,160.00 + 580.00" in reason(group, left, right)


def test_a_payment_that_lists_its_invoices() -> None:
    left = side(
        "l",
        (5, 1100, "A-1001", "Uno", ""),
        (6, 2200, "A-1002", "Uno", ""),
        (7, 3300, "A-1003", "Uno", ""),
        (7, 3300, "A-1009", "Uno", ""),
    )
    right = side(
        "r", (9, 6600, "T-88", "UNO", "PAGO FACT 1001 A 1003"), (9, 3300, "A-1009", "UNO", "")
    )
    assert matched(match(left, right)) == {((0, 1, 2), (0,)), ((3,), (1,))}


def test_a_payment_whose_list_lacks_an_invoice_without_a_number() -> None:
    left = side(
        "l",
        (5, 110017, "A-1001", "Ferretería Uno", ""),
        (6, 220033, "A-1002", "Ferretería Uno", ""),
        (6, 57049, "S/N", "Ferretería Uno", ""),
        (6, 99900, "", "Ferretería Uno", ""),
        *((day, 100 * day, f"B-{2000 + day}", "Papelería Dos", "") for day in range(1, 9)),
    )
    right = side(
        "r",
        (7, 387099, "T-88", "FERRETERIA UNO", "PAGO FACT 1001 Y 1002"),
        *((day, 100 * day, f"B-{2000 + day}", "PAPELERIA DOS", "") for day in range(1, 9)),
    )
    assert ((0, 1, 2), (0,)) in matched(match(left, right))


def test_the_number_of_another_series_does_not_hide_the_parts_of_a_voucher() -> None:
    rows = [
        (day, 100 * day, f"{letters}-{3000 + day}", "Papelería Dos", "")
        for day in range(1, 9)
        for letters in "AB"
    ]
    left = side("l", (5, 174000, "A-1012", "Núñez", ""), (6, 5000, "B-1012", "Peña", ""), *rows)
    right = side(
        "r",
        (5, 116000, "A-1012-1", "NUNEZ", ""),
        (5, 58000, "A-1012-2", "NUNEZ", ""),
        (9, 7700, "B-1012", "PENA", ""),
        *rows,
    )
    assert ((0,), (0, 1)) in matched(match(left, right))


def test_what_the_other_side_has_goes_before_a_line_and_its_opposite() -> None:
    left = side("l", (5, 1000, "S/N", "Núñez", ""), (6, -1000, "S/N", "Núñez", ""))
    right = side("r", (5, 1000, "", "", ""))
    found = match(left, right)
    assert (found.groups[0].left, found.groups[0].right, found.groups[0].state) == (
        (0,),
        (0,),
        MatchState.SUGGESTED,
    )


def test_a_sum_of_one_party_is_confirmed_only_when_nothing_else_adds_up() -> None:
    parts = [(5, 123457, "", "Ferretería Núñez", ""), (5, 987653, "", "Ferretería Núñez", "")]
    one = (6, 1111110, "", "FERRETERIA NUNEZ", "")
    assert matched(match(side("l", *parts), side("r", one))) == {((0, 1), (0,))}
    again = [(5, 100000, "", "Ferretería Núñez", ""), (5, 1011110, "", "Ferretería Núñez", "")]
    found = match(side("l", *parts, *again), side("r", one))
    assert not matched(found)
    assert found.count(MatchState.SUGGESTED) == 1 and found.alternatives


def test_a_bare_amount_and_a_bare_sum_are_only_proposed() -> None:
    found = match(side("l", (5, 12345, "", "", "")), side("r", (6, 12345, "", "", "")))
    assert [(group.rule, group.state) for group in found.groups] == [
        (Rule.AMOUNT, MatchState.SUGGESTED)
    ]
    found = match(
        side("l", (5, 1000, "", "", ""), (5, 2345, "", "", "")), side("r", (5, 3345, "", "", ""))
    )
    assert [(group.rule, group.state) for group in found.groups] == [
        (Rule.DAY_SUM, MatchState.SUGGESTED)
    ]


def test_what_was_posted_twice_is_said_to_be() -> None:
    left = side("l", (5, 5000, "F-77", "Uno", ""), (5, 5000, "F-77", "Uno", ""))
    right = side("r", (5, 5000, "F-77", "UNO", ""))
    found = match(left, right)
    assert len(matched(found)) == 1
    (line,) = found.only_left
    assert "repe" in why_open(found.why_left[line], left).lower()


def test_a_bank_statement_of_the_opposite_sign_without_references() -> None:
    left = side(
        "l",
        *(
            (day, 10_000 + day, f"A-{day}", f"Cliente {name}", "")
            for day, name in ((3, "Norteño"), (4, "Sureño"), (5, "Oriental"), (6, "Occidental"))
        ),
    )
    right = side(
        "r",
        *(
            (day, -10_000 - day, str(90_000_000 + day), "", f"SPEI RECIBIDO CLIENTE {name}")
            for day, name in ((3, "NORTENO"), (4, "SURENO"), (5, "ORIENT"), (6, "OCCID"))
        ),
    )
    found = match(left, right)
    assert found.contra
    assert matched(found) == {((place,), (place,)) for place in range(4)}


def test_a_weekly_debit_is_not_eaten_by_the_week_before() -> None:
    left = side("l", *((day, 10_000, "", "Luz y Fuerza", "") for day in (2, 9, 16, 23)))
    right = side("r", *((day, 10_000, "", "LUZ Y FUERZA", "") for day in (9, 16, 23, 30)))
    assert matched(match(left, right)) == {((1,), (0,)), ((2,), (1,)), ((3,), (2,))}


def test_another_party_is_no_match_whatever_the_reference() -> None:
    left = side("l", (5, 5000, "F-1", "Transportes Ávila", ""))
    right = side("r", (5, 5000, "F-1", "PAPELERIA EXITO", ""))
    assert not matched(match(left, right))


def test_the_same_lines_in_any_order_give_the_same_pairs() -> None:
    truth = Maker(400, 3).make()
    left, right = truth.sides()
    straight = _content(match(left, right), left, right)
    chance = random.Random(1)
    orders = [list(range(len(left))), list(range(len(right)))]
    for order in orders:
        chance.shuffle(order)
    moved = _rebuilt(left, orders[0]), _rebuilt(right, orders[1])
    assert _content(match(*moved), *moved) == straight


def _rebuilt(one: Side, order: list[int]) -> Side:
    builder = SideBuilder(one.name)
    for new, old in enumerate(order):
        builder.add(
            f"{new:05}",
            one.date(old),
            int(one.amount[old]),
            reference=one.reference[old],
            party=one.party[old],
            tax_id=one.tax_id[old],
            text=one.text[old],
        )
    return builder.build()


def _content(found: Matching, left: Side, right: Side) -> list[object]:
    def said(one: Side, lines: tuple[int, ...]) -> list[object]:
        return sorted(
            (int(one.day[i]), int(one.amount[i]), one.reference[i], one.party[i], one.text[i])
            for i in lines
        )

    return sorted(
        (said(left, group.left), said(right, group.right), group.rule.value)
        for group in found.groups
    )


@pytest.mark.parametrize(
    ("bank", "precision", "automatic", "proposed"),
    [(False, 0.9995, 0.97, 0.99), (True, 0.995, 0.80, 0.93)],
)
def test_a_known_truth_is_found(
    bank: bool, precision: float, automatic: float, proposed: float
) -> None:
    truth = Maker(6000, 11, bank).make()
    found = match(*truth.sides())
    both = [group for group in found.groups if group.left and group.right]
    sure = judge(
        truth, [(group.left, group.right) for group in both if group.state is MatchState.MATCHED]
    )
    every = judge(truth, [(group.left, group.right) for group in both])
    assert sure.precision >= precision and sure.recall >= automatic and every.recall >= proposed
    if not bank:
        assert every.whole >= 0.9 * every.several and every.wrong_groups <= 0.01 * every.made_groups


def test_a_crowd_of_equal_amounts_on_one_day_is_no_explosion() -> None:
    rows = [(5, 1500, "", "Metro", "boleto")] * 20_000
    found = match(side("l", *rows), side("r", *rows[:-1]))
    assert sum(len(group.left) for group in found.groups) + len(found.only_left) == 20_000


@pytest.mark.parametrize("rows", [[], [(5, 0, "", "", "")], [(5, 0, "F-1", "X", "")] * 3])
def test_empty_and_zero_sides_are_taken(rows: list[Row]) -> None:
    for left, right in ((rows, []), ([], rows), (rows, rows)):
        found = match(side("l", *left), side("r", *right))
        assert len(found.only_left) + sum(len(group.left) for group in found.groups) == len(left)


def test_names_people_matched_weigh_as_equal_and_names_they_parted_do_not() -> None:
    left, right = (
        side("l", (5, 7000, "", "Abarrotes Don José", "")),
        side("r", (6, 7000, "", "ADJ COMERCIAL", "")),
    )
    names = normalise_name("Abarrotes Don José"), normalise_name("ADJ COMERCIAL")
    assert not matched(match(left, right))
    taught = match(left, right, learned=Learned(frozenset({names})))
    assert not matched(taught), "learning proposes, it never confirms"
    assert (
        "party" in reason(taught.groups[0], left, right) and taught.groups[0].rule is Rule.EVIDENCE
    )
    same = side("r", (6, 7000, "", "ABARROTES DON JOSE", ""))
    parted = frozenset({(names[0], normalise_name("ABARROTES DON JOSE"))})
    assert matched(match(left, same)) and not matched(
        match(left, same, learned=Learned(parted=parted))
    )


def test_a_fee_is_a_known_difference_with_a_place_to_post_it() -> None:
    rules = rule_sets.parse(
        '[[rule]]\nkind = "reference"\n[[rule]]\nkind = "fee"\nname = "4x1000"\npercent ='
        ' 0.4\naccount = "531595"\n'
    )
    left, right = side("l", (5, 1_000_000, "E-9", "", "")), side("r", (5, 996_000, "E-9", "", ""))
    (group,) = match(left, right, rules=rules).groups
    assert (group.rule, group.adjustment, group.state) == (Rule.FEE, "531595", MatchState.MATCHED)
    assert "531595" in reason(group, left, right)


def test_a_rule_that_is_not_automatic_only_proposes() -> None:
    rules = rule_sets.parse('[[rule]]\nkind = "evidence"\nautomatic = false\n')
    found = match(
        side("l", (5, 100, "", "Uno", "")), side("r", (5, 100, "", "UNO", "")), rules=rules
    )
    assert [group.state for group in found.groups] == [MatchState.SUGGESTED]


def test_rules_go_out_and_come_back() -> None:
    assert rule_sets.parse(rule_sets.dump(RuleSet())) == RuleSet()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("x", 0),
        ('nombre = "x"', 0),
        ('[[rule]]\nkind = "magia"', 1),
        ('[[rule]]\nkind = "fee"\npercent = "x"', 1),
        ('[[rule]]\nname = "x"', 1),
        ('rule = "abc"', 0),
        ("[rule]", 0),
        ('version = "x"', 0),
        ("name = 3", 0),
        ('[[rule]]\nkind = "person"', 1),
        ('[[rule]]\nkind = "tolerance"\npercent = nan', 1),
        ('[[rule]]\nkind = "party-sum"\nsize = 0', 1),
        ('[[rule]]\nkind = "evidence"\ndays = 99999999999999999999', 1),
        ('[[rule]]\nkind = "amount"\ndays = -1', 1),
        ('contra = "quizá"', 0),
    ],
)
def test_what_is_no_rule_is_named(text: str, place: int) -> None:
    with pytest.raises(NotRules) as caught:
        rule_sets.parse(text)
    assert caught.value.place == place


def test_a_bare_amount_never_becomes_automatic_by_a_rule() -> None:
    (rule,) = rule_sets.parse('[[rule]]\nkind = "amount"\nautomatic = true').rules
    assert not rule.automatic


@given(st.lists(st.integers(1, 400), min_size=2, max_size=9), st.data())
@settings(max_examples=150, deadline=None)
def test_every_set_that_adds_up_is_found_and_no_other(pool: list[int], data: st.DataObject) -> None:
    chosen = data.draw(
        st.lists(
            st.sampled_from(range(len(pool))), min_size=2, max_size=min(5, len(pool)), unique=True
        )
    )
    target = sum(pool[place] for place in chosen)
    found = solve(pool, target, 5)
    assert all(sum(pool[place] for place in places) == target for places in found.sets)
    assert all(len(set(places)) == len(places) for places in found.sets)
    assert found.sets


@given(st.lists(st.lists(st.integers(0, 50), min_size=4, max_size=4), min_size=1, max_size=4))
@settings(max_examples=100, deadline=None)
def test_the_assignment_costs_as_little_as_any(cost: list[list[int]]) -> None:
    from itertools import permutations

    import numpy as np

    pairs = hungarian(np.array(cost, dtype=np.float64))
    least = min(
        sum(cost[i][j] for i, j in enumerate(order)) for order in permutations(range(4), len(cost))
    )
    assert sum(cost[i][j] for i, j in pairs) == least
    assert len(pairs) == len(cost)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Ferretería El Peñón, S.A. de C.V.", "FERRETERIA EL PENON", True),
        ("Núñez y Cía. Ltda.", "NUNEZ Y CIA", True),
        ("Comercializadora del Bajío SAS", "COMERCIALIZADORA DEL BAJ", True),
        ("Transportes León", "TRANSPORTES AVILA", False),
    ],
)
def test_names_cut_and_without_accents(one: str, other: str, alike: bool) -> None:
    assert (similarity(normalise_name(one), normalise_name(other)) >= 94) is alike


@pytest.mark.parametrize(
    ("text", "number"),
    [("FAC-123-2026", "123"), ("2026", "2026"), ("A-7", "7"), ("", ""), ("F-99-88", "88")],
)
def test_the_number_a_reference_turns_on(text: str, number: str) -> None:
    assert number_of(text) == number


def test_numbers_of_a_text_and_of_a_short_range() -> None:
    assert numbers_in("PAGO FACT 0101 A 0104, 7") == ["101", "104", "7", "102", "103"]


def test_cuts_of_the_generator_can_be_written_and_read(tmp_path: Path) -> None:
    truth = Maker(50, 1).make()
    truth.write(tmp_path / "l.csv", tmp_path / "r.csv")
    assert len((tmp_path / "l.csv").read_text("utf-8").splitlines()) == len(truth.left) + 1


FALSE_FRIENDS = [
    (
        "another invoice of the party",
        [(20, 1500000, "FAC-500", "Azteca SA", "")],
        [(21, 1500000, "FAC-777", "AZTECA SA", "")],
    ),
    (
        "only the first word",
        [(5, 50000, "", "Comercializadora del Norte", "")],
        [(5, 50000, "", "", "SPEI RECIBIDO COMERCIALIZADORA AZTECA 99")],
    ),
    (
        "the year of a date",
        [(13, 150000, "FAC-2026", "", "")],
        [(13, 150000, "", "", "DEPOSITO EN EFECTIVO 13 ENE 2026")],
    ),
    (
        "the parts of a date",
        [(12, 20000, "FAC-12", "Uno", ""), (12, 30000, "FAC-26", "Dos", "")],
        [(12, 50000, "", "", "DEP EFECTIVO 12/01/26")],
    ),
    (
        "another series of vouchers",
        [(3, 500000, "Eg 15", "", ""), (4, 100, "Dr 9", "", "")],
        [(29, 500000, "Dr 15", "", ""), (4, 100, "Dr 9", "", "")],
    ),
]


@pytest.mark.parametrize(
    ("left", "right"), [case[1:] for case in FALSE_FRIENDS], ids=[case[0] for case in FALSE_FRIENDS]
)
def test_false_friends_are_not_confirmed(left: list[Row], right: list[Row]) -> None:
    common = [(day, 1000 + day, f"FAC-{900 + day}", "", "") for day in range(1, 20)]
    found = match(side("l", *left, *common), side("r", *right, *common))
    assert not {group for group in matched(found) if min(group[0]) < len(left)} - {((1,), (1,))}


def test_a_payment_that_could_be_one_invoice_or_two_is_left_to_a_person() -> None:
    left = side(
        "l",
        (5, 10000, "F-101", "Uno", ""),
        (5, 20000, "F-102", "Uno", ""),
        (5, 30000, "F-103", "Uno", ""),
    )
    right = side("r", (9, 30000, "", "UNO", "PAGO 101, 102, 103"))
    assert not matched(match(left, right))


def test_twelve_tickets_against_thirteen_that_come_a_day_later() -> None:
    left = side("l", *((day, 1500, "", "Metro", "") for day in range(1, 13)))
    right = side("r", *((day, 1500, "", "METRO", "") for day in range(2, 15)))
    assert len(matched(match(left, right))) in (0, 12)


def test_twenty_thousand_lines_of_one_reference_and_day() -> None:
    rows = [(5, 1500, "F-1", "", "")] * 20_000
    assert match(side("l", *rows), side("r", *rows)).count(MatchState.MATCHED) == 20_000


def _vouchers(count: int, days_apart: int) -> tuple[list[Row], list[Row]]:
    """Vouchers of one line on the left and two with its reference on the right, those so many days
    apart.
    """
    numbers = [(place, 300_000 + 977 * place, 100_000 + 311 * place) for place in range(count)]
    left = [
        (10, whole, f"FAC-{7000 + place}", f"Cliente {place}", "") for place, whole, _ in numbers
    ]
    right = [
        (10 + gap, amount, f"FAC-{7000 + place}", f"CLIENTE {place}", "")
        for place, whole, part in numbers
        for gap, amount in ((0, part), (days_apart, whole - part))
    ]
    return left, right


@pytest.mark.parametrize(("known", "apart", "made"), [(40, 0, False), (40, 3, True), (5, 0, True)])
def test_how_far_the_parts_of_a_sum_lie_apart_is_learned_from_the_groups_with_a_reference(
    known: int, apart: int, made: bool
) -> None:
    left, right = _vouchers(known, apart)
    left.append((12, 773_131, "X-1", "Ferretería Núñez", ""))
    right += [(10, 512_018, "", "FERRETERIA NUNEZ", ""), (13, 261_113, "", "FERRETERIA NUNEZ", "")]
    found = match(side("l", *left), side("r", *right))
    assert any(group.left == (known,) and len(group.right) == 2 for group in found.groups) is made
    if not made:
        assert found.why_left[known].combinations == 1, "it is told that two lines add up to it"


def test_a_sum_of_round_amounts_says_less_than_one_to_the_cent() -> None:
    pool = [100_000, 200_000, 300_000, 456_789]
    assert by_chance(pool, 300_000, [100_000, 200_000]) > 100 * by_chance(
        pool, 556_789, [100_000, 456_789]
    )


FEES = [
    ("4x1000 of a payment", "percent = 0.4", -1_000_000, -1_004_000),
    ("a commission kept back", "percent = 3.5", 2_000_000, 1_930_000),
    ("a fixed fee", "cents = 1500", -500_000, -501_500),
]


@pytest.mark.parametrize(("_name", "what", "ours", "theirs"), FEES, ids=[row[0] for row in FEES])
def test_a_fee_is_proposed_by_party_and_posted_where_its_rule_says(
    _name: str, what: str, ours: int, theirs: int
) -> None:
    rules = rule_sets.parse(
        f'[[rule]]\nkind = "fee"\nname = "comisión"\n{what}\naccount = "530515"\n'
    )
    left = side(
        "l", (5, ours, "CH-9", "Ferretería Núñez", ""), (5, ours + 7, "CH-10", "Papelería Peña", "")
    )
    right = side(
        "r",
        (6, theirs, "998877", "FERRETERIA NUNEZ", ""),
        (6, theirs - 300, "998878", "ACEROS", ""),
    )
    (group,) = match(left, right, rules=rules).groups
    assert (group.left, group.right, group.state, group.adjustment) == (
        (0,),
        (0,),
        MatchState.SUGGESTED,
        "530515",
    )
    accepted = Match(("l0000",), ("r0000",), adjustment="530515")
    (group,) = match(left, right, [accepted], rules).groups
    assert (group.state, group.adjustment) == (MatchState.MATCHED, "530515")
    assert prove(left, right, match(left, right, [accepted], rules)).explained == {
        "adjustment:530515": ours - theirs
    }


def test_a_rate_is_proposed_by_party() -> None:
    rules = rule_sets.parse(
        '[[rule]]\nkind = "rate"\nname = "dólares"\nrate = 17.5\npercent = 1\naccount = "701"\n'
    )
    left, right = (
        side("l", (5, 10_000, "F-9", "Acme Inc", "")),
        side("r", (6, 175_900, "778", "ACME INC", "")),
    )
    (group,) = match(left, right, rules=rules).groups
    assert (group.rule, group.state) == (Rule.RATE, MatchState.SUGGESTED)


def test_a_list_completed_by_a_round_amount_is_only_proposed() -> None:
    left = side("l", (10, 60_000, "T-1", "Ferretería Núñez", "PAGO F-1001"))
    right = side(
        "r",
        (10, 10_000, "F-1001", "FERRETERIA NUNEZ", ""),
        (10, 50_000, "A-7777", "FERRETERIA NUNEZ", ""),
        *(
            (10, 50_100 + 100 * place, f"A-777{place}", "FERRETERIA NUNEZ", "")
            for place in range(5)
        ),
    )
    (group,) = match(left, right).groups
    assert (group.right, group.state) == ((0, 1), MatchState.SUGGESTED)


@pytest.mark.parametrize(
    ("other", "proposed"), [("DEP-1", False), ("R 1", True), ("DEP-1001", True)]
)
def test_another_amount_behind_a_short_number_needs_the_same_letters(
    other: str, proposed: bool
) -> None:
    left = side("l", (10, 33_025, "R-1001" if other.endswith("001") else "R-1", "", ""))
    found = match(left, side("r", (10, 25_025, other, "", "")))
    assert bool(found.groups) is proposed
