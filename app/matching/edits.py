"""A matching after a person decided: only the groups that are touched change.

Nothing is matched anew: what people decided about other lines, and what they were looking at, stays
as it is. A line that loses its group goes to the best of its other possibilities that are free.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import replace

from app.decisions import Decision, Match, Part
from app.matching.outcome import Group, Matching, MatchState, Rule, Why
from app.matching.side import Side

Lines = tuple[frozenset[int], frozenset[int]]


def after(matching: Matching, left: Side, right: Side, decision: Decision) -> Matching:
    """The matching with one more decision. One that is about lines that are not all there, or of
    another kind than matching and parting, changes nothing.
    """
    if not isinstance(decision, Match | Part):
        return matching
    lines = _lines(left, decision.left), _lines(right, decision.right)
    if len(lines[0]) != len(decision.left) or len(lines[1]) != len(decision.right):
        return matching
    if isinstance(decision, Match):
        return _matched(matching, lines, decision)
    return _parted(matching, lines)


def _lines(side: Side, keys: Sequence[str]) -> frozenset[int]:
    return frozenset(side.places[key] for key in keys if key in side.places)


def _matched(matching: Matching, lines: Lines, decision: Match) -> Matching:
    """The lines as one group; those they were with are free."""
    mine, theirs = lines
    broken = _groups_of(matching, lines)
    made = Group(
        tuple(sorted(mine)),
        tuple(sorted(theirs)),
        Rule.PERSON,
        MatchState.MATCHED,
        1.0,
        adjustment=decision.adjustment,
        said=decision.note,
    )
    freed = _lines_of(broken, 0) - mine, _lines_of(broken, 1) - theirs
    others = [group for group in broken if group.state is not MatchState.MATCHED]
    changed = _changed(
        matching,
        only_left=[line for line in matching.only_left if line not in mine],
        only_right=[line for line in matching.only_right if line not in theirs],
        alternatives=[*matching.alternatives, *others],
    )
    return _with_the_freed(changed, freed, broken, [made])


def _parted(matching: Matching, lines: Lines) -> Matching:
    """The group of these lines is none; each of its lines is free for its other possibilities."""
    mine, theirs = lines
    broken = [
        group
        for group in _groups_of(matching, lines)
        if mine.issuperset(group.left) and theirs.issuperset(group.right)
    ]
    others = [
        group
        for group in matching.alternatives
        if mine.isdisjoint(group.left) or theirs.isdisjoint(group.right)
    ]
    freed = _lines_of(broken, 0), _lines_of(broken, 1)
    changed = _changed(matching, alternatives=others)
    return _with_the_freed(changed, freed, broken, [])


def _changed(matching: Matching, **values: object) -> Matching:
    """The matching with some values; what is known of its groups is known of it too."""
    changed = replace(matching, **values)  # type: ignore[arg-type]
    changed.by_line = matching.by_line
    return changed


def _groups_of(matching: Matching, lines: Lines) -> list[Group]:
    """The groups that have some of these lines."""
    found = [
        by_line[line]
        for by_line, of_side in zip(matching.by_line, lines, strict=True)
        for line in sorted(of_side)
        if line in by_line
    ]
    return list({id(group): group for group in found}.values())


def _with_the_freed(
    matching: Matching,
    freed: tuple[set[int], set[int]],
    broken: Sequence[Group],
    made: list[Group],
) -> Matching:
    """Without the groups that are ``broken``; with the best other possibility of each line that was
    freed, where all its lines are, and the groups that were ``made``.
    """
    left, right = freed[0].union(matching.only_left), freed[1].union(matching.only_right)
    possible: list[Group] = []
    rest: list[Group] = []
    for group in matching.alternatives:
        touched = not (freed[0].isdisjoint(group.left) and freed[1].isdisjoint(group.right))
        (possible if touched else rest).append(group)
    for group in sorted(possible, key=lambda one: (-one.confidence, one.left, one.right)):
        if left.issuperset(group.left) and right.issuperset(group.right):
            made.append(group)
            left.difference_update(group.left)
            right.difference_update(group.right)
        else:
            rest.append(group)
    groups, by_line = list(matching.groups), matching.by_line
    for group in broken:
        place = bisect_left(groups, _place(group), key=_place)
        del groups[next(at for at in range(place, len(groups)) if groups[at] is group)]
    for group in made:
        insort(groups, group, key=_place)
    changed = replace(
        matching,
        groups=groups,
        only_left=sorted(left),
        only_right=sorted(right),
        alternatives=rest,
        why_left={**dict.fromkeys(freed[0] & left, Why()), **matching.why_left},
        why_right={**dict.fromkeys(freed[1] & right, Why()), **matching.why_right},
    )
    changed.by_line = _moved(by_line[0], broken, made, 0), _moved(by_line[1], broken, made, 1)
    return changed


def _moved(
    by_line: dict[int, Group], broken: Sequence[Group], made: Sequence[Group], side: int
) -> dict[int, Group]:
    """The groups by line, kept up instead of gathered anew."""
    found = dict(by_line)
    for line in _lines_of(broken, side):
        del found[line]
    for group in made:
        found.update(dict.fromkeys((group.left, group.right)[side], group))
    return found


def _place(group: Group) -> tuple[bool, tuple[int, ...], tuple[int, ...]]:
    """Groups stand in the order of the left lines, those without after them."""
    return not group.left, group.left[:1], group.right[:1]


def _lines_of(groups: Sequence[Group], side: int) -> set[int]:
    return {line for group in groups for line in (group.left, group.right)[side]}
