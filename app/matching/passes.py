"""The rules over single lines: the same document, the same reference, all the evidence together,
amounts that differ for a known reason.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.matching.assignment import hungarian, margins
from app.matching.columns import NONE, Columns, Lines
from app.matching.outcome import Evidence, Rule
from app.matching.rules import RuleSpec
from app.matching.run import WINDOW, Candidates, Run, confidence_of, sure_flags
from app.matching.scoring import score

Keys = NDArray[np.int64]
CROWD = 60
"""Lines of one amount in the window beyond which only those that share a party or a number are
compared.
"""
AUTOMATIC_SCORE, AUTOMATIC_MARGIN = 1.5, 2.5
FAR_MARGIN = 5.0
ROUNDS = 3
NUMBER_DAYS = 31
FREQUENT = 20
LARGEST_CROWD = 200
"""Repetitions of one reference beyond which they are paired in the order of their dates."""
PARTY = Evidence.SAME_TAX_ID | Evidence.SAME_PARTY | Evidence.LIKE_PARTY
_REFERENCE = (
    Evidence.SAME_FORM | Evidence.SAME_NUMBER | Evidence.MENTIONED | Evidence.LIKE_REFERENCE
)


def documents(run: Run, rule: RuleSpec) -> None:
    """Lines of one document (its external reference) with the same account and amount."""
    left, right = run.pair.left, run.pair.right
    _equal_keys(run, rule, left.document, right.document, checks_party=False)


def references(run: Run, rule: RuleSpec) -> None:
    """The same reference and amount."""
    if run.pair.comparable:
        _equal_keys(run, rule, run.pair.left.form, run.pair.right.form, checks_party=True)


def numbers(run: Run, rule: RuleSpec) -> None:
    """The same number with another prefix, and the same amount."""
    if run.pair.comparable:
        _equal_keys(
            run,
            rule,
            run.pair.left.number,
            run.pair.right.number,
            checks_party=True,
            only_single=True,
        )


def _equal_keys(
    run: Run,
    rule: RuleSpec,
    left_codes: NDArray[np.int32],
    right_codes: NDArray[np.int32],
    checks_party: bool,
    only_single: bool = False,
) -> None:
    left, right = run.pair.left, run.pair.right
    mine = np.flatnonzero(run.open_left & (left_codes >= 0))
    theirs = np.flatnonzero(run.open_right & (right_codes >= 0))
    if not len(mine) or not len(theirs):
        return
    key_left, key_right = _keys(
        (left.account[mine], left_codes[mine], left.amount[mine]),
        (right.account[theirs], right_codes[theirs], right.amount[theirs]),
    )
    size = int(max(key_left.max(), key_right.max())) + 1
    count_left, count_right = (
        np.bincount(key_left, minlength=size),
        np.bincount(key_right, minlength=size),
    )
    single = (count_left == 1) & (count_right == 1)
    a, b = _joined(mine, key_left, theirs, key_right, single)
    _confirm(run, rule, a, b, checks_party)
    if only_single:
        return
    several = (count_left > 0) & (count_right > 0) & ~single
    if several.any():
        _repeats(run, rule, mine, key_left, theirs, key_right, several, checks_party)


def _confirm(run: Run, rule: RuleSpec, a: Lines, b: Lines, checks_party: bool) -> None:
    left, right = run.pair.left, run.pair.right
    near = np.abs(left.day[a].astype(np.int64) - right.day[b]) <= rule.days
    fine = near & ~run.is_parted(a, b)
    if checks_party:
        fine &= ~_other_party(run, a, b)
    if rule.kind is Rule.NORMALISED_REFERENCE:
        fine &= ~other_series(run, a, b)
    if not rule.automatic:
        run.only_propose(a[fine], b[fine])
        return
    a, b = a[fine], b[fine]
    flag = Evidence.SAME_NUMBER if rule.kind is Rule.NORMALISED_REFERENCE else Evidence.SAME_FORM
    flags = sure_flags(len(a), Evidence.SAME_AMOUNT, flag)
    if rule.kind is not Rule.REFERENCE:
        confidence = 1.0 if rule.kind is Rule.DOCUMENT else 0.985
        run.add_pairs(a, b, rule.kind, np.full(len(a), confidence), flags, sure=True)
        return
    same = np.fromiter(
        (
            run.left.reference[i] == run.right.reference[j]
            for i, j in zip(a.tolist(), b.tolist(), strict=True)
        ),
        dtype=np.bool_,
        count=len(a),
    )
    run.add_pairs(
        a[same], b[same], Rule.REFERENCE, np.full(int(same.sum()), 0.9995), flags[same], sure=True
    )
    other = ~same
    run.add_pairs(
        a[other],
        b[other],
        Rule.NORMALISED_REFERENCE,
        np.full(int(other.sum()), 0.9985),
        flags[other],
        sure=True,
    )


def other_series(run: Run, a: Lines, b: Lines) -> NDArray[np.bool_]:
    """Whether the letters of the right reference are another series of the left side (Eg 15 and Dr
    15): then the same number says nothing. Letters the left side does not use are another way of
    writing.
    """
    left, right = run.pair.left, run.pair.right
    one, other = left.prefix[a], right.prefix[b]
    return np.asarray((one != other) & (one >= 0) & (other >= 0) & run.left_series[other])


def _other_party(run: Run, a: Lines, b: Lines) -> NDArray[np.bool_]:
    """Whether the parties of two lines are plainly different ones."""
    from app.matching.party_names import similarity

    left, right = run.pair.left, run.pair.right
    tax_a, tax_b = left.tax[a], right.tax[b]
    found = (tax_a != tax_b) & (tax_a >= 0) & (tax_b >= 0)
    party_a, party_b = left.party[a], right.party[b]
    named = np.flatnonzero(
        (party_a >= 0) & (party_b >= 0) & (party_a != party_b) & ~((tax_a == tax_b) & (tax_a >= 0))
    )
    names = run.pair.names
    keys = party_a[named].astype(np.int64) * len(names) + party_b[named]
    unique, inverse = np.unique(keys, return_inverse=True)
    matched = run.learned.matched
    different = np.array(
        [
            similarity(names[one], names[other]) < 55 and (names[one], names[other]) not in matched
            for one, other in (divmod(key, len(names)) for key in unique.tolist())
        ],
        dtype=np.bool_,
    )
    if len(unique):
        found[named] |= different[inverse]
    return np.asarray(found)


def _repeats(
    run: Run,
    rule: RuleSpec,
    mine: Lines,
    key_left: Keys,
    theirs: Lines,
    key_right: Keys,
    several: NDArray[np.bool_],
    checks_party: bool,
) -> None:
    """A reference that stands several times with one amount: those of the same day first, then the
    closest; the rest of the side that has more is a repetition.
    """
    for every_one, every_other in _buckets(mine, key_left, theirs, key_right, several):
        ones, others = every_one[run.open_left[every_one]], every_other[run.open_right[every_other]]
        if not len(ones) or not len(others):
            continue
        if max(len(ones), len(others)) > LARGEST_CROWD:
            _in_order(run, rule, ones, others)
            continue
        good = _closest_pairs(run, rule, ones, others, checks_party)
        a = np.array([int(ones[i]) for i, _ in good], dtype=np.int64)
        b = np.array([int(others[j]) for _, j in good], dtype=np.int64)
        if rule.automatic and len(a):
            is_number = rule.kind is Rule.NORMALISED_REFERENCE
            flag = Evidence.SAME_NUMBER if is_number else Evidence.SAME_FORM
            flags = sure_flags(len(a), Evidence.SAME_AMOUNT, flag, Evidence.TWINS)
            run.add_pairs(a, b, rule.kind, np.full(len(a), 0.97), flags)
        _note_twins(run, 0, ones)
        _note_twins(run, 1, others)


_NEVER = 1e6
"""The cost of a pair that is not to be made."""


def _closest_pairs(
    run: Run, rule: RuleSpec, ones: Lines, others: Lines, checks_party: bool
) -> list[tuple[int, int]]:
    """Places of lines that go together: all where both sides have as many, else those of one day,
    else those that are closest to each other.
    """
    days, other_days = run.pair.left.day[ones], run.pair.right.day[others]
    gap = np.abs(days[:, None].astype(np.int64) - other_days[None, :])
    flat_a, flat_b = np.repeat(ones, len(others)), np.tile(others, len(ones))
    bad = run.is_parted(flat_a, flat_b)
    if checks_party:
        bad |= _other_party(run, flat_a, flat_b)
    unfit = bad.reshape(gap.shape) | (gap > rule.days)
    cost = gap.astype(np.float64) + np.where(unfit, _NEVER, 0.0)
    pairs = [(i, j) for i, j in hungarian(cost) if cost[i, j] < _NEVER]
    if len(ones) == len(others):
        return pairs
    same_day = [(i, j) for i, j in pairs if gap[i, j] == 0]
    return same_day or [(i, j) for i, j in pairs if _closest(cost, i, j)]


def _in_order(run: Run, rule: RuleSpec, ones: Lines, others: Lines) -> None:
    """Very many lines of one reference and amount: paired by date where there are as many of each
    day.
    """
    for day in np.unique(run.pair.left.day[ones]).tolist():
        mine = ones[run.pair.left.day[ones] == day]
        theirs = others[run.pair.right.day[others] == day]
        if rule.automatic and len(mine) == len(theirs):
            flag = (
                Evidence.SAME_NUMBER
                if rule.kind is Rule.NORMALISED_REFERENCE
                else Evidence.SAME_FORM
            )
            flags = sure_flags(len(mine), Evidence.SAME_AMOUNT, flag, Evidence.TWINS)
            run.add_pairs(mine, theirs, rule.kind, np.full(len(mine), 0.95), flags)


def _closest(cost: NDArray[np.float64], i: int, j: int) -> bool:
    """Whether no other line is as close to either."""
    return bool((cost[i] <= cost[i, j]).sum() == 1 and (cost[:, j] <= cost[i, j]).sum() == 1)


def _note_twins(run: Run, side: int, lines: Lines) -> None:
    """Open lines that repeat a matched one of their own side."""
    done = [int(line) for line in lines if not run.open(side)[line]]
    for line in lines.tolist():
        if run.open(side)[line] and done:
            run.twins[side, line] = done[0]


def evidence(run: Run, rule: RuleSpec) -> None:
    """The same amount within the window, and all that speaks for and against it: confirmed where it
    is far likelier than anything else for both lines, and more than the amount agrees.
    """
    for number in range(ROUNDS):
        found = candidates(run, rule.days)
        if not len(found):
            return
        classes_left, classes_right = _classes(run.pair.left), _classes(run.pair.right)
        margin = np.minimum(
            margins(classes_left[found.a], classes_right[found.b], found.score),
            margins(classes_right[found.b], classes_left[found.a], found.score),
        )
        beyond = (found.flags & (PARTY | _REFERENCE)) != 0
        weak = (found.flags & (Evidence.OTHER_PARTY | Evidence.OTHER_REFERENCE)) != 0
        caution = run.caution
        needed = np.where(weak, FAR_MARGIN, AUTOMATIC_MARGIN) + caution
        sure = (
            beyond
            & (found.score >= AUTOMATIC_SCORE + caution)
            & (margin >= needed)
            & rule.automatic
        )
        sure &= (found.flags & (Evidence.OTHER_PARTY | Evidence.OTHER_REFERENCE)) == 0
        sure &= ((found.flags & Evidence.ALIAS) == 0) | ((found.flags & _REFERENCE) != 0)
        sure &= ~run.is_only_proposed(found.a, found.b)
        taken = _once(run, found.only(sure), margin[sure], classes_left, classes_right)
        if number == ROUNDS - 1 or not taken:
            left_over = run.open_left[found.a] & run.open_right[found.b]
            run.proposed.append(found.only(left_over & beyond))
            return


def _once(run: Run, sure: Candidates, margin: NDArray[np.float64], left: Keys, right: Keys) -> int:
    """Confirm pairs, each line once; lines that stand in for each other go in their order, with
    lines of one class on the other side only.
    """
    order = np.lexsort((sure.b, sure.a, -sure.score))
    used_left, used_right = set(), set()
    partner_left: dict[int, int] = {}
    places = []
    for place in order.tolist():
        a, b = int(sure.a[place]), int(sure.b[place])
        if a in used_left or b in used_right:
            continue
        if partner_left.setdefault(int(left[a]), int(right[b])) != int(right[b]):
            continue
        used_left.add(a)
        used_right.add(b)
        places.append(place)
    kept = np.array(places, dtype=np.int64)
    confidence = confidence_of(np.minimum(margin[kept], sure.score[kept]))
    run.add_pairs(sure.a[kept], sure.b[kept], Rule.EVIDENCE, confidence, sure.flags[kept])
    return len(kept)


def candidates(run: Run, days: int) -> Candidates:
    """Pairs of open lines with the same account and amount: within the window, and further apart
    where they share a number. Of a crowd of equal amounts only those that share a party or a
    number.
    """
    left, right = run.pair.left, run.pair.right
    mine, theirs = np.flatnonzero(run.open_left), np.flatnonzero(run.open_right)
    empty = np.empty(0, dtype=np.int64)
    if not len(mine) or not len(theirs):
        return Candidates(empty, empty, np.empty(0), np.empty(0, dtype=np.int32), Rule.EVIDENCE)
    keys = _keys(
        (left.account[mine], left.amount[mine]), (right.account[theirs], right.amount[theirs])
    )
    crowd = _crowd(mine, keys[0], left, theirs, keys[1], right, days)
    parts = [_within(mine, keys[0], left, theirs, keys[1], right, days, most=CROWD)]
    for name in ("party", "stem", "tax", "number", "form"):
        own, other = getattr(left, name), getattr(right, name)
        if name == "party":
            other = _canonical(run, other)
        some, those = mine[own[mine] >= 0], theirs[other[theirs] >= 0]
        if not len(some) or not len(those):
            continue
        own_keys, other_keys = _keys(
            (left.account[some], left.amount[some], own[some]),
            (right.account[those], right.amount[those], other[those]),
        )
        reach = (
            max(NUMBER_DAYS, days) if name in ("number", "form") and run.pair.comparable else days
        )
        parts.append(_within(some, own_keys, left, those, other_keys, right, reach, most=CROWD))
    a, b = np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])
    unique = np.unique(a * (len(run.right) + 1) + b)
    a, b = unique // (len(run.right) + 1), unique % (len(run.right) + 1)
    allowed = ~run.is_parted(a, b)
    a, b = a[allowed], b[allowed]
    total, flags = score(run.pair, run.known, a, b, crowd[a])
    return Candidates(a, b, total, flags, Rule.EVIDENCE)


def _canonical(run: Run, codes: NDArray[np.int32]) -> NDArray[np.int32]:
    """Names of the right side as the left side writes them, where the certain pairs say so."""
    if not len(run.known.canonical):
        return codes
    known = run.known.canonical[np.maximum(codes, 0)]
    return np.where((codes >= 0) & (known >= 0), known, codes).astype(np.int32)


def same_reference(run: Run, days: int) -> Candidates:
    """Open pairs of the same account that share a form or number that is not frequent, whatever
    their amounts, scored as if the amount agreed.
    """
    left, right = run.pair.left, run.pair.right
    parts: list[tuple[Lines, Lines]] = []
    if run.pair.comparable:
        for name in ("form", "number"):
            own, other = getattr(left, name), getattr(right, name)
            mine, theirs = (
                np.flatnonzero(run.open_left & (own >= 0)),
                np.flatnonzero(run.open_right & (other >= 0)),
            )
            if len(mine) and len(theirs):
                keys = _keys(
                    (left.account[mine], own[mine]), (right.account[theirs], other[theirs])
                )
                parts.append(
                    _within(mine, keys[0], left, theirs, keys[1], right, days, most=FREQUENT)
                )
    empty = np.empty(0, dtype=np.int64)
    a = np.concatenate([part[0] for part in parts] or [empty])
    b = np.concatenate([part[1] for part in parts] or [empty])
    unique = np.unique(a * (len(run.right) + 1) + b)
    a, b = unique // (len(run.right) + 1), unique % (len(run.right) + 1)
    allowed = ~run.is_parted(a, b)
    a, b = a[allowed], b[allowed]
    total, flags = score(run.pair, run.known, a, b, np.ones(len(a), dtype=np.int64))
    return Candidates(a, b, total, flags, Rule.TOLERANCE)


def _classes(columns: Columns) -> Keys:
    """Lines that are the same in all that is compared have one number."""
    names = ("amount", "day", "form", "number", "party", "tax", "account")
    stacked = np.stack([getattr(columns, name).astype(np.int64) for name in names], axis=1)
    if not len(stacked):
        return np.empty(0, dtype=np.int64)
    order = np.lexsort(stacked.T)
    changes = np.r_[True, (stacked[order][1:] != stacked[order][:-1]).any(axis=1)]
    found = np.empty(len(stacked), dtype=np.int64)
    found[order] = np.cumsum(changes) - 1
    return found


def _keys(
    left: tuple[NDArray[np.integer[Any]], ...], right: tuple[NDArray[np.integer[Any]], ...]
) -> tuple[Keys, Keys]:
    """Dense codes of rows of columns, the same for both sides."""
    code = np.zeros(len(left[0]) + len(right[0]), dtype=np.int64)
    for mine, theirs in zip(left, right, strict=True):
        values = np.concatenate([mine.astype(np.int64), theirs.astype(np.int64)])
        _, dense = np.unique(values, return_inverse=True)
        width = int(dense.max(initial=0)) + 1
        if int(code.max(initial=0)) > (1 << 62) // max(width, 1):
            _, code = np.unique(code, return_inverse=True)
        code = code * width + dense
    _, code = np.unique(code, return_inverse=True)
    return code[: len(left[0])].astype(np.int64), code[len(left[0]) :].astype(np.int64)


def _joined(
    mine: Lines, key_left: Keys, theirs: Lines, key_right: Keys, wanted: NDArray[np.bool_]
) -> tuple[Lines, Lines]:
    """The lines of both sides with the keys that are wanted, each key once a side."""
    ones, others = wanted[key_left], wanted[key_right]
    a, b = mine[ones], theirs[others]
    return a[np.argsort(key_left[ones], kind="stable")], b[
        np.argsort(key_right[others], kind="stable")
    ]


def _buckets(
    mine: Lines, key_left: Keys, theirs: Lines, key_right: Keys, wanted: NDArray[np.bool_]
) -> list[tuple[Lines, Lines]]:
    """The lines of each wanted key, of both sides, in their order."""
    parts: list[dict[int, Lines]] = []
    for lines, keys in ((mine, key_left), (theirs, key_right)):
        some = wanted[keys]
        order = np.argsort(keys[some], kind="stable")
        chosen, sorted_keys = lines[some][order], keys[some][order]
        if not len(sorted_keys):
            return []
        starts = np.flatnonzero(np.r_[True, sorted_keys[1:] != sorted_keys[:-1]])
        pieces = np.split(chosen, starts[1:])
        parts.append(
            {int(sorted_keys[start]): piece for start, piece in zip(starts, pieces, strict=True)}
        )
    return [(lines, parts[1][key]) for key, lines in sorted(parts[0].items()) if key in parts[1]]


def _within(
    mine: Lines,
    key_left: Keys,
    left: Columns,
    theirs: Lines,
    key_right: Keys,
    right: Columns,
    days: int,
    most: int,
) -> tuple[Lines, Lines]:
    """Pairs of equal key whose dates are at most ``days`` apart; lines with more than ``most`` of
    them are left out.
    """
    low, high, order = _span(mine, key_left, left, theirs, key_right, right, days)
    counts = high - low
    counts = np.where(counts > most, 0, counts)
    a = np.repeat(mine, counts)
    starts = np.repeat(low - np.r_[0, np.cumsum(counts)[:-1]], counts)
    return a, theirs[order[starts + np.arange(len(a))]]


def _span(
    mine: Lines,
    key_left: Keys,
    left: Columns,
    theirs: Lines,
    key_right: Keys,
    right: Columns,
    days: int,
) -> tuple[Lines, Lines, Lines]:
    shift = 22
    composed = key_right << shift | right.day[theirs].astype(np.int64)
    order = np.argsort(composed, kind="stable")
    composed = composed[order]
    wanted = (key_left << shift) + left.day[mine]
    return (
        np.searchsorted(composed, wanted - days, "left"),
        np.searchsorted(composed, wanted + days, "right"),
        order,
    )


def _crowd(
    mine: Lines,
    key_left: Keys,
    left: Columns,
    theirs: Lines,
    key_right: Keys,
    right: Columns,
    days: int,
) -> NDArray[np.int64]:
    """For each left line, how many open right lines have its amount in the window."""
    low, high, _ = _span(mine, key_left, left, theirs, key_right, right, days)
    found = np.ones(len(left), dtype=np.int64)
    found[mine] = np.maximum(high - low, 1)
    return found


__all__ = ["NONE", "WINDOW", "candidates", "documents", "evidence", "numbers", "references"]
