"""Unlike currencies never pair; a foreign amount is compared by the rate of its own file."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from app.matching import MatchState, Side, SideBuilder, match
from app.matching.currencies import home_currency, in_common_currency, sums_by_currency
from app.matching.proof import prove
from app.matching.reasons import reason


def side(name: str, *rows: tuple[int, str, str], account: str = "") -> Side:
    """Lines of one day by cents, currency and rate."""
    builder = SideBuilder(name)
    for number, (cents, currency, rate) in enumerate(rows):
        builder.add(
            f"{name}{number}",
            date(2026, 1, 15),
            cents,
            account=account,
            reference=f"A-{45 + number}",
            currency=currency,
            rate=rate,
        )
    return builder.build()


def matched(left: Side, right: Side) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    found = match(*in_common_currency(left, right))
    return [
        (group.left, group.right) for group in found.groups if group.state is MatchState.MATCHED
    ]


def test_the_same_figure_in_two_currencies_is_no_match() -> None:
    assert matched(side("a", (324800, "USD", "18.9008")), side("b", (324800, "MXN", ""))) == []


def test_a_foreign_document_pairs_with_its_local_amount_and_says_the_rate() -> None:
    left, right = in_common_currency(
        side("a", (324800, "USD", "18.9008")), side("b", (6138980, "MXN", ""))
    )
    found = match(left, right)
    (group,) = found.groups
    assert group.state is MatchState.MATCHED
    assert "3,248.00 USD × 18.9008" in reason(group, left, right)


def test_a_foreign_line_without_a_rate_stays_open() -> None:
    assert matched(side("a", (324800, "USD", "")), side("b", (6138980, "MXN", ""))) == []


def test_two_sides_in_dollars_pair_in_dollars() -> None:
    left = side("a", (100, "USD", "18.00"), (200, "MXN", ""))
    right = side("b", (100, "USD", ""), (200, "", ""))
    assert matched(left, right) == [((0,), (0,)), ((1,), (1,))]


def test_an_unnamed_currency_is_that_of_the_books() -> None:
    left, right = side("a", (100, "COP", "")), side("b", (100, "", ""))
    assert home_currency(left, right) == "COP"
    assert matched(left, right) == [((0,), (0,))]
    assert sums_by_currency(right, "COP") == {"COP": (100, 0)}


def test_what_names_no_currency_pairs_with_nothing_that_does_until_somebody_says() -> None:
    left, right = side("a", (100, "USD", "")), side("b", (100, "", ""))
    assert matched(left, right) == []
    assert matched(*in_common_currency(left, right, "USD")) == [((0,), (0,))]
    assert matched(*in_common_currency(left, right, "MXN")) == []


def test_amounts_of_two_currencies_are_never_one_sum() -> None:
    left, right = in_common_currency(
        side("a", (100, "USD", ""), (700, "MXN", "")), side("b", (700, "", "")), "MXN"
    )
    proof = prove(left, right, match(left, right))
    assert proof.is_mixed
    assert {code: proof.of_currency(code).difference for code in proof.currencies} == {
        "MXN": 0,
        "USD": 100,
    }


def test_balances_belong_to_the_currency_of_their_account() -> None:
    left, right = in_common_currency(
        side("a", (100, "USD", ""), account="1020"), side("b", (100, "USD", ""), account="1020")
    )
    left = replace(left, opening={"1020": 50}, closing={"1020": 150})
    (account,) = prove(left, right, match(left, right)).accounts
    assert (account.currency, account.left_opening, account.left_closing) == ("USD", 50, 150)
