"""Which pairs of one amount are confirmed, and which are put before a person.

A pair is confirmed where its probability reaches what the company was promised, and more than
amount and day agrees. The rule a pair falls under is what agrees in it; a rule that may not confirm
only proposes, one that is not in the set does nothing, and none reaches further than its days.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.matching import constants
from app.matching.blocking import left_out
from app.matching.columns import Lines
from app.matching.comparing import Levels, Party, Reference, Words
from app.matching.constants import CONTRADICTION, CROWD
from app.matching.fitting import Likely
from app.matching.keys import dense_keys, joined_in_order
from app.matching.outcome import Evidence, Rule
from app.matching.rules import RuleSpec
from app.matching.run import Candidates, Run

Mask = NDArray[np.bool_]
_KINDS = (Rule.REFERENCE, Rule.NORMALISED_REFERENCE, Rule.EVIDENCE, Rule.AMOUNT)
_BY_REFERENCE = {
    Reference.FORM: Evidence.SAME_FORM,
    Reference.NUMBER: Evidence.SAME_NUMBER,
    Reference.MENTION: Evidence.MENTIONED,
    Reference.NEAR: Evidence.LIKE_REFERENCE,
}
_BY_PARTY = {
    Party.TAX_ID: Evidence.SAME_TAX_ID,
    Party.NAME: Evidence.SAME_PARTY,
    Party.BEGINNING: Evidence.SAME_PARTY,
    Party.LIKE: Evidence.LIKE_PARTY,
    Party.OTHER: Evidence.OTHER_PARTY,
}


def likely_pairs(run: Run, rule: RuleSpec) -> None:
    """Confirm and propose pairs of single lines; for the first rule that asks, once for all."""
    if run.decided:
        return
    run.decided = True
    _crowds(run)
    found = run.fitting.likely
    kinds = _kinds(run, found)
    allowed, automatic = _by_rules(run, found, kinds)
    good = allowed & automatic & (found.pooled >= run.rules.promise)
    good &= found.alone >= constants.ONE_OF_ITS_CLASS * found.pooled / found.size
    good &= (found.levels.say_more | run.rules.amount_alone) & ~_contradicted(found)
    good &= ~_one_of_several_named(run, found)
    chosen = _each_line_once(run, found, good)
    flags, odds = flags_of(found.levels), found.weights.kept
    for place, kind in enumerate(_KINDS):
        of_kind = chosen[kinds[chosen] == place]
        run.add_pairs(
            found.a[of_kind],
            found.b[of_kind],
            kind,
            np.round(np.minimum(found.pooled[of_kind], constants.MOST_CONFIDENT), 4),
            flags[of_kind],
            odds=odds[of_kind],
        )
    run.not_searched += left_out(run.pair, run.open_left, run.open_right, (found.a, found.b))
    rest = run.open_left[found.a] & run.open_right[found.b] & allowed
    for place, kind in enumerate(_KINDS):
        here = np.flatnonzero(rest & (kinds == place))
        run.proposed.append(
            Candidates.likely(
                found.a[here],
                found.b[here],
                found.pooled[here],
                flags=flags[here],
                odds=odds[here],
                rule=kind,
            )
        )


def _crowds(run: Run) -> None:
    """Very many lines of one reference, amount and day: paired in order where both sides have as
    many, for which goes with which nobody could tell.
    """
    rule = run.rules.first(Rule.REFERENCE)
    if rule is None or not rule.automatic:
        return
    left, right = run.pair.left, run.pair.right
    mine = np.flatnonzero(run.open_left & (left.form >= 0))
    theirs = np.flatnonzero(run.open_right & (right.form >= 0))
    names = ("account", "amount", "form", "day", "tax", "party")
    keys = dense_keys(
        [getattr(left, name)[mine] for name in names],
        [getattr(right, name)[theirs] for name in names],
    )
    size = int(max(keys[0].max(initial=-1), keys[1].max(initial=-1))) + 1
    counts = [np.bincount(key, minlength=size) for key in keys]
    crowd = (counts[0] == counts[1]) & (counts[0] > CROWD)
    a, b = joined_in_order(mine, keys[0], theirs, keys[1], crowd)
    alike = ~run.is_parted(a, b)
    flags = int(Evidence.SAME_AMOUNT | Evidence.SAME_FORM | Evidence.TWINS)
    many = int(alike.sum())
    certain = np.full(many, constants.MOST_CONFIDENT)
    run.add_pairs(a[alike], b[alike], Rule.REFERENCE, certain, np.full(many, flags, np.int32))


def _contradicted(found: Likely) -> Mask:
    """Where party or reference plainly differ, and that says something in these files: such a pair
    is left to a person whatever else agrees.
    """
    other_party = (found.levels.party == Party.OTHER) & (found.weights.party < CONTRADICTION)
    levels = found.levels
    other = (levels.reference == Reference.DIFFERENT) & (levels.left_shape == levels.right_shape)
    return np.asarray(other_party | (other & (found.weights.reference < CONTRADICTION)))


def _one_of_several_named(run: Run, found: Likely) -> Mask:
    """Where a text that names several open lines of the other side is of the amount of one: it may
    as well be the sum of the others.
    """
    named = np.zeros(len(found), dtype=np.bool_)
    mention = np.flatnonzero(found.levels.reference == Reference.MENTION)
    for own, other, lines, is_open in (
        (run.pair.left, run.pair.right, found.a, run.open_right),
        (run.pair.right, run.pair.left, found.b, run.open_left),
    ):
        known = np.unique(other.number[is_open & (other.number >= 0)])
        numbers = own.mentions & 0xFFFFFFFF
        line = (own.mentions >> 32)[np.isin(numbers, known)]
        several = np.bincount(line, minlength=len(own)) > 1
        named[mention] |= several[lines[mention]]
    return named


def _kinds(run: Run, found: Likely) -> Lines:
    """The place in ``_KINDS`` of the rule each pair falls under."""
    reference = found.levels.reference
    kinds = np.where(found.levels.say_more | (found.levels.party == Party.LIKE), 2, 3)
    kinds[np.isin(reference, (Reference.FORM, Reference.NUMBER))] = 1
    same = np.flatnonzero(reference == Reference.FORM)
    left, right = run.left.reference, run.right.reference
    written_alike = [
        left[i] == right[j]
        for i, j in zip(found.a[same].tolist(), found.b[same].tolist(), strict=True)
    ]
    kinds[same[np.array(written_alike, dtype=np.bool_)]] = 0
    return kinds


def _by_rules(run: Run, found: Likely, kinds: Lines) -> tuple[Mask, Mask]:
    """Which pairs the rules of the company allow at all, and which to be confirmed."""
    gap = np.abs(run.pair.left.day[found.a].astype(np.int64) - run.pair.right.day[found.b])
    allowed, automatic = np.zeros(len(found), np.bool_), np.zeros(len(found), np.bool_)
    for place, kind in enumerate(_KINDS):
        rule = run.rules.first(kind)
        if rule is not None:
            here = (kinds == place) & (gap <= rule.days)
            allowed |= here
            automatic |= here & (rule.automatic or kind is Rule.AMOUNT)
    return allowed, automatic & ~_of_a_document_left_to_people(run, found)


def _of_a_document_left_to_people(run: Run, found: Likely) -> Mask:
    """Lines of one document, where the rule of documents may not confirm: no other rule does."""
    rule = run.rules.first(Rule.DOCUMENT)
    if rule is None or rule.automatic:
        return np.zeros(len(found), np.bool_)
    document = run.pair.left.document[found.a]
    return np.asarray((document >= 0) & (document == run.pair.right.document[found.b]))


def _each_line_once(run: Run, found: Likely, good: Mask) -> Lines:
    """Places of the pairs to confirm, likeliest first, each line in one."""
    places = np.flatnonzero(good & run.open_left[found.a] & run.open_right[found.b])
    a, b = found.a[places], found.b[places]
    alone = (np.bincount(a)[a] == 1) & (np.bincount(b)[b] == 1) if len(a) else np.ones(0, np.bool_)
    chosen = [places[alone]]
    contested = places[~alone]
    order = contested[
        np.lexsort((found.b[contested], found.a[contested], -found.pooled[contested]))
    ]
    used_left, used_right, kept = set[int](), set[int](), list[int]()
    for place, one, other in zip(
        order.tolist(), found.a[order].tolist(), found.b[order].tolist(), strict=True
    ):
        if one not in used_left and other not in used_right:
            used_left.add(one)
            used_right.add(other)
            kept.append(place)
    return np.sort(np.concatenate([*chosen, np.array(kept, dtype=np.int64)]))


def flags_of(levels: Levels) -> NDArray[np.int32]:
    """What agrees in each pair, for people. References of two shapes do not differ: they are two
    kinds of numbers.
    """
    flags = np.full(len(levels), int(Evidence.SAME_AMOUNT), dtype=np.int32)
    for level, flag in _BY_REFERENCE.items():
        flags[levels.reference == level] |= int(flag)
    other = (levels.reference == Reference.DIFFERENT) & (levels.left_shape == levels.right_shape)
    flags[other] |= int(Evidence.OTHER_REFERENCE)
    for party, flag in _BY_PARTY.items():
        flags[levels.party == party] |= int(flag)
    flags[levels.words >= Words.RARE] |= int(Evidence.RARE_WORD)
    return flags
