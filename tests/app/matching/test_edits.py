"""A decision changes the groups it touches and no others, without matching anew."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.decisions import Explain, Match, Part
from app.matching import Matching, MatchState, Side, match
from app.matching.edits import after
from app.matching.outcome import Group, Rule
from tests.benchmarks.worlds import books

TRUTH = books.WORLDS["two_erps"](500, 4)
LEFT, RIGHT = TRUTH.sides()
FOUND = match(LEFT, RIGHT)


def keys(side: Side, lines: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(side.key[line] for line in lines)


def lines_of(found: Matching) -> tuple[list[int], list[int]]:
    left = [line for group in found.groups for line in group.left]
    right = [line for group in found.groups for line in group.right]
    return sorted([*left, *found.only_left]), sorted([*right, *found.only_right])


def of(found: Matching, left: int) -> Group | None:
    return next((group for group in found.groups if left in group.left), None)


def test_accepting_a_proposal_makes_it_a_persons_match_and_leaves_the_others() -> None:
    proposed = next(one for one in FOUND.groups if one.state is MatchState.SUGGESTED)
    accepted = Match(keys(LEFT, proposed.left), keys(RIGHT, proposed.right), note="same")
    changed = after(FOUND, LEFT, RIGHT, accepted)
    made = of(changed, proposed.left[0])
    assert made is not None and (made.rule, made.state) == (Rule.PERSON, MatchState.MATCHED)
    assert [one for one in changed.groups if one != made] == [
        one for one in FOUND.groups if one != proposed
    ]


def test_what_is_taken_apart_is_open_or_has_its_next_possibility() -> None:
    matched = next(one for one in FOUND.groups if one.state is MatchState.MATCHED)
    changed = after(FOUND, LEFT, RIGHT, Part(keys(LEFT, matched.left), keys(RIGHT, matched.right)))
    again = of(changed, matched.left[0])
    assert again is None or again.right != matched.right
    assert lines_of(changed) == lines_of(FOUND)


def test_a_line_taken_from_another_group_frees_what_it_was_with() -> None:
    matched = next(one for one in FOUND.groups if one.state is MatchState.MATCHED)
    other = FOUND.only_right[0]
    changed = after(FOUND, LEFT, RIGHT, Match(keys(LEFT, matched.left), (RIGHT.key[other],)))
    made = of(changed, matched.left[0])
    assert made is not None and made.right == (other,)
    taken = {line for group in changed.groups for line in group.right}
    assert set(matched.right) <= taken | set(changed.only_right)
    assert lines_of(changed) == lines_of(FOUND)


@pytest.mark.parametrize(
    "decision",
    [
        Match(("nobody",), (RIGHT.key[0],)),
        Explain((LEFT.key[0],), (), "other"),
    ],
)
def test_other_decisions_and_lines_that_are_gone_change_nothing(decision: Match | Explain) -> None:
    assert after(FOUND, LEFT, RIGHT, decision) is FOUND


@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(0, len(LEFT) - 1), st.integers(0, len(RIGHT) - 1)),
        max_size=12,
    )
)
@settings(max_examples=60, deadline=None)
def test_every_line_stays_in_one_place_in_order(made: list[tuple[bool, int, int]]) -> None:
    found = FOUND
    for accepts, a, b in made:
        kind = Match if accepts else Part
        found = after(found, LEFT, RIGHT, kind((LEFT.key[a],), (RIGHT.key[b],)))
    assert lines_of(found) == lines_of(FOUND)
    places = [(not one.left, one.left[:1], one.right[:1]) for one in found.groups]
    assert places == sorted(places)


def test_a_matching_run_with_the_decision_says_the_same_of_its_lines() -> None:
    proposed = next(one for one in FOUND.groups if one.state is MatchState.SUGGESTED)
    accepted = Match(keys(LEFT, proposed.left), keys(RIGHT, proposed.right))
    anew = of(match(LEFT, RIGHT, [accepted]), proposed.left[0])
    edited = of(after(FOUND, LEFT, RIGHT, accepted), proposed.left[0])
    assert anew == edited
