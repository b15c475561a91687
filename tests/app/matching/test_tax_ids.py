"""A NIT meets itself with its check digit and without, however it is written."""

from __future__ import annotations

from datetime import date

import pytest

from app.matching import MatchState, Side, SideBuilder, match


def side(name: str, tax_id: str, text: str = "") -> Side:
    builder = SideBuilder(name)
    for number, cents in enumerate((11900, 23800, 35700)):
        day = date(2026, 1, 10 + number)
        builder.add(f"{name}{number}", day, cents, reference="", tax_id=tax_id, text=text)
    return builder.build()


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("800197268", "800197268-4"),
        ("800197268", "8001972684"),
        ("800.197.268-4", "800197268"),
        ("EKU9003173C9", "EKU-900317-3C9"),
    ],
)
def test_the_same_party_is_recognised(ours: str, theirs: str) -> None:
    found = match(side("a", ours), side("b", theirs))
    assert [group.state for group in found.groups] == [MatchState.MATCHED] * 3


def test_another_number_of_ten_digits_is_another_party() -> None:
    found = match(side("a", "800197268"), side("b", "8001972685"))
    assert not [group for group in found.groups if group.state is MatchState.MATCHED]
