"""How likely two lines are the same: log odds out of what agrees, weighed by how rare it is in
these very files.

What a reference, a party or a day is worth is learned from both sides: from how often it occurs,
and from the pairs that are certain (how often dates differ there, which names of one system are
which of the other).
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.matching.columns import NONE, Codes, Columns, Lines, Pair, mentioned
from app.matching.outcome import Evidence, Learned
from app.matching.party_names import similarity

Scores = NDArray[np.float64]
Flags = NDArray[np.int32]

EQUAL_NAME, LEARNED_NAME, LIKE_NAME, OTHER_NAME = 94, 93, 80, 55
"""Names people matched are proposed as alike, and never confirmed for that alone."""
FEW = 30
"""Certain pairs below which the dates are learned from amounts that stand alone."""
SMALLEST = 100
"""What agrees is never taken for more common than it would be among so many lines."""
_CAP_REFERENCE, _CAP_PARTY = 11.0, 6.0
_OTHER_REFERENCE, _LIKE_REFERENCE = -2.5, 4.0
_OTHER_TAX, _OTHER_PARTY, _LIKE_PARTY = -6.0, -4.0, 2.0
_FAR = -3.0


@dataclass
class Knowledge:
    """What was learned of both sides. ``day_weight[d]`` is for dates ``d`` days apart; ``alias``
    maps codes of right names to the left name they go with, ``counts`` are lines by code.
    """

    lines: int
    form_count: NDArray[np.int64]
    number_count: NDArray[np.int64]
    party_count: NDArray[np.int64]
    beginning_count: NDArray[np.int64]
    tax_count: NDArray[np.int64]
    canonical: Codes
    day_weight: Scores
    learned: Learned
    similar: dict[int, int] = field(default_factory=dict)


def learn(
    pair: Pair, sure_left: Lines, sure_right: Lines, learned: Learned, window: int
) -> Knowledge:
    """What the certain pairs and the frequencies say."""
    left, right = pair.left, pair.right
    if len(sure_left) < FEW:
        sure_left, sure_right = _alone(left, right, window)
    gaps = np.abs(left.day[sure_left].astype(np.int64) - right.day[sure_right])
    seen = np.bincount(np.minimum(gaps, window + 1), minlength=window + 2)[: window + 1].astype(
        np.float64
    )
    prior = np.array([3.0, 2.5, 2.0, 2.0] + [1.0] * max(window - 3, 0))[: window + 1]
    share = (seen + prior) / (seen.sum() + prior.sum())
    width = np.array([1.0] + [2.0] * window)
    weight = np.clip(np.log(share / width * 31.0), -4.0, 3.4)
    parties = _counts(left.party, right.party)
    parties = np.pad(parties, (0, len(pair.names) - len(parties)))
    return Knowledge(
        max(len(left), len(right), SMALLEST),
        _counts(left.form, right.form),
        _counts(left.number, right.number),
        parties,
        _beginning_counts(pair.names, parties),
        _counts(left.tax, right.tax),
        _aliases(pair, sure_left, sure_right),
        weight,
        learned,
    )


def _alone(left: Columns, right: Columns, window: int) -> tuple[Lines, Lines]:
    """Lines whose account and amount stand once on each side, within the window: nearly always the
    same, and enough to see how dates differ where there are no references.
    """
    parts = []
    for own in (left, right):
        keys = own.amount * 4096 + own.account
        unique, place, count = np.unique(keys, return_index=True, return_counts=True)
        parts.append((unique[count == 1], place[count == 1]))
    _, ones, others = np.intersect1d(
        parts[0][0], parts[1][0], assume_unique=True, return_indices=True
    )
    a, b = parts[0][1][ones], parts[1][1][others]
    near = np.abs(left.day[a].astype(np.int64) - right.day[b]) <= window
    return a[near], b[near]


def score(
    pair: Pair, known: Knowledge, a: Lines, b: Lines, crowd: NDArray[np.int64]
) -> tuple[Scores, Flags]:
    """Log odds of each pair of lines and what agrees; ``crowd`` is how many lines of the other side
    have the amount.
    """
    left, right = pair.left, pair.right
    flags = np.zeros(len(a), dtype=np.int32)
    total = -np.log(np.maximum(crowd, 1).astype(np.float64))
    total += _reference_score(pair, known, a, b, flags)
    total += _party_score(pair, known, a, b, flags)
    gap = np.abs(left.day[a].astype(np.int64) - right.day[b])
    longest = len(known.day_weight) - 1
    total += np.where(
        gap <= longest, known.day_weight[np.minimum(gap, longest)], _FAR - (gap - longest) * 0.05
    )
    flags[left.amount[a] == right.amount[b]] |= Evidence.SAME_AMOUNT
    return total, flags


def _reference_score(pair: Pair, known: Knowledge, a: Lines, b: Lines, flags: Flags) -> Scores:
    left, right, lines = pair.left, pair.right, float(known.lines)
    form_a, form_b, number_a, number_b = (
        left.form[a],
        right.form[b],
        left.number[a],
        right.number[b],
    )
    total = np.zeros(len(a))
    same_form = (form_a == form_b) & (form_a >= 0)
    same_number = (number_a == number_b) & (number_a >= 0) & ~same_form
    total[same_form] = _rarity(known.form_count, form_a[same_form], lines, _CAP_REFERENCE)
    total[same_number] = (
        _rarity(known.number_count, number_a[same_number], lines, _CAP_REFERENCE) * 0.9
    )
    flags[same_form] |= Evidence.SAME_FORM
    flags[same_number] |= Evidence.SAME_NUMBER
    told = ~(same_form | same_number)
    if told.any():
        says_a = mentioned(left, a, number_b) & told
        says_b = mentioned(right, b, number_a) & told
        for says, numbers in ((says_a, number_b), (says_b, number_a)):
            total[says] = np.maximum(
                total[says], _rarity(known.number_count, numbers[says], lines, _CAP_REFERENCE) * 0.8
            )
        told &= ~(says_a | says_b)
        flags[says_a | says_b] |= Evidence.MENTIONED
    if pair.comparable:
        differ = told & (form_a >= 0) & (form_b >= 0)
        places = np.flatnonzero(differ)
        like = _alike(pair, number_a[places], number_b[places])
        total[places] = np.where(like, _LIKE_REFERENCE, _OTHER_REFERENCE)
        flags[places[like]] |= Evidence.LIKE_REFERENCE
        flags[places[~like]] |= Evidence.OTHER_REFERENCE
    return total


def _alike(pair: Pair, ones: Codes, others: Codes) -> NDArray[np.bool_]:
    """Whether two numbers of four digits or more are one slip of the fingers apart, or one lacks
    digits of the other.
    """
    from rapidfuzz.distance import DamerauLevenshtein

    texts = pair.numbers.texts
    found = np.zeros(len(ones), dtype=np.bool_)
    both = np.flatnonzero((ones >= 0) & (others >= 0))
    known: dict[tuple[int, int], bool] = {}
    for place in both:
        key = (int(ones[place]), int(others[place]))
        if key not in known:
            one, other = texts[key[0]], texts[key[1]]
            cut = min(len(one), len(other)) >= 4 and (one.endswith(other) or other.endswith(one))
            slip = (
                min(len(one), len(other)) >= 4
                and DamerauLevenshtein.distance(one, other, score_cutoff=1) <= 1
            )
            known[key] = cut or slip
        found[place] = known[key]
    return found


def _party_score(pair: Pair, known: Knowledge, a: Lines, b: Lines, flags: Flags) -> Scores:
    left, right, lines = pair.left, pair.right, float(known.lines)
    tax_a, tax_b, party_a, party_b = left.tax[a], right.tax[b], left.party[a], right.party[b]
    total = np.zeros(len(a))
    same_tax = (tax_a == tax_b) & (tax_a >= 0)
    other_tax = (tax_a != tax_b) & (tax_a >= 0) & (tax_b >= 0)
    total[same_tax] = _rarity(known.tax_count, tax_a[same_tax], lines, _CAP_PARTY)
    flags[same_tax] |= Evidence.SAME_TAX_ID
    named = (party_a >= 0) & (party_b >= 0) & ~same_tax
    places = np.flatnonzero(named)
    if len(places):
        alike = similarity_of(pair, known, party_a[places], party_b[places])
        equal, like, other = (
            alike >= EQUAL_NAME,
            (alike >= LIKE_NAME) & (alike < EQUAL_NAME),
            alike < OTHER_NAME,
        )
        total[places[equal]] = _name_rarity(
            pair, known, party_a[places[equal]], party_b[places[equal]], lines
        )
        total[places[like]] = _LIKE_PARTY
        total[places[other]] = _OTHER_PARTY
        flags[places[equal]] |= Evidence.SAME_PARTY
        flags[places[like]] |= Evidence.LIKE_PARTY
        flags[places[alike == LEARNED_NAME]] |= Evidence.ALIAS
        flags[places[other]] |= Evidence.OTHER_PARTY
    total[other_tax] = np.minimum(total[other_tax], 0.0) + _OTHER_TAX
    flags[other_tax] = (
        flags[other_tax] & ~(Evidence.SAME_PARTY | Evidence.LIKE_PARTY) | Evidence.OTHER_PARTY
    )
    return total


def similarity_of(pair: Pair, known: Knowledge, ones: Codes, others: Codes) -> NDArray[np.int64]:
    """0 to 100 for names by code; names people parted are not alike, those they matched are, and so
    are those that go together in the certain pairs.
    """
    names, many = pair.names, len(pair.names)
    keys = ones.astype(np.int64) * many + others
    unique, inverse = np.unique(keys, return_inverse=True)
    values = np.empty(len(unique), dtype=np.int64)
    for place, key in enumerate(unique.tolist()):
        value = known.similar.get(key)
        if value is None:
            one, other = divmod(key, many)
            words = (names[one], names[other])
            if words in known.learned.parted:
                value = 0
            elif known.canonical[other] == one:
                value = 100
            elif words in known.learned.matched:
                value = max(similarity(*words), LEARNED_NAME)
            else:
                value = similarity(*words)
            known.similar[key] = value
        values[place] = value
    return values[inverse]


def _name_rarity(pair: Pair, known: Knowledge, ones: Codes, others: Codes, lines: float) -> Scores:
    """Of a whole name, or one that is known to be the other, how rare it is; of the beginning of a
    name, how rare all names are that begin so.
    """
    whole = _rarity(known.party_count, ones, lines, _CAP_PARTY)
    lengths = np.array([len(name) for name in pair.names], dtype=np.int64)
    short = np.where(lengths[ones] <= lengths[others], ones, others)
    begun = _rarity(known.beginning_count, short, lines, _CAP_PARTY)
    same = (ones == others) | (known.canonical[others] == ones)
    return np.asarray(np.where(same, whole, begun))


def _beginning_counts(names: list[str], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each name the lines of all names that begin with it."""
    order = sorted(range(len(names)), key=names.__getitem__)
    in_order = [names[code] for code in order]
    sums = np.concatenate([[0], np.cumsum(counts[order])]) if order else np.zeros(1, dtype=np.int64)
    found = np.zeros(len(names), dtype=np.int64)
    for place, code in enumerate(order):
        end = bisect_left(in_order, in_order[place] + "\uffff", place)
        found[code] = sums[end] - sums[place]
    return found


def _rarity(counts: NDArray[np.int64], codes: Codes, lines: float, cap: float) -> Scores:
    return (
        np.minimum(np.log(lines / np.maximum(counts[codes], 1)), cap) if len(codes) else np.zeros(0)
    )


def _counts(left: Codes, right: Codes) -> NDArray[np.int64]:
    """Lines by code, of the side that has more."""
    size = int(max(left.max(initial=NONE), right.max(initial=NONE))) + 1
    return np.maximum(
        np.bincount(left[left >= 0], minlength=size), np.bincount(right[right >= 0], minlength=size)
    ).astype(np.int64)


def _aliases(pair: Pair, sure_left: Lines, sure_right: Lines) -> Codes:
    """For each name, the left name it goes with in most of the certain pairs, where that is at
    least two and nearly always.
    """
    many = len(pair.names)
    canonical = np.full(many, NONE, dtype=np.int32)
    ones, others = pair.left.party[sure_left], pair.right.party[sure_right]
    both = (ones >= 0) & (others >= 0)
    if not both.any():
        return canonical
    keys, counts = np.unique(others[both].astype(np.int64) * many + ones[both], return_counts=True)
    owners, partners = keys // many, keys % many
    order = np.lexsort((partners, -counts, owners))
    first = np.unique(owners[order], return_index=True)[1]
    best = order[first]
    totals = np.bincount(owners, weights=counts, minlength=many)
    sure = (counts[best] >= 2) & (counts[best] >= 0.9 * totals[owners[best]])
    canonical[owners[best[sure]]] = partners[best[sure]]
    return canonical
