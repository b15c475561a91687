"""The table of system by behaviour the conformance suite ends with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

BEHAVIOURS: Mapping[str, str] = {
    "test_what_was_created_is_found_again_and_says_the_same": "created, found, the same",
    "test_a_repetition_is_the_same_document_or_a_conflict": "a repetition doubles nothing",
    "test_of_four_at_once_one_is_kept": "of four at once one is kept",
    "test_a_lost_answer_is_uncertain_and_the_document_is_found": "lost answer: looked up, found",
    "test_an_error_before_the_commit_leaves_nothing": "error before the commit",
    "test_a_limit_is_told_with_how_long_to_wait": "429: waits as told",
    "test_a_session_that_ends_midway_is_renewed_once": "session ends midway",
    "test_a_closed_period_is_named_and_the_date_not_moved": "closed period named",
    "test_a_wrong_entry_is_refused_and_nothing_kept": "unbalanced, unknown account",
    "test_a_bad_tax_id_is_refused": "bad tax id refused",
    "test_a_field_is_sent_or_refused_or_said_to_be_left_out": "every field sent, refused or told",
    "test_another_currency_is_sent_or_refused_never_dropped": "another currency sent or refused",
    "test_an_account_closed_to_entries_is_marked_and_refused": "accounts closed to entries known",
    "test_a_dimension_goes_along_or_is_said_not_to": "cost centre sent, or said not to be",
    "test_attempts_of_one_intent_carry_one_key": "one key for attempts of one intent",
    "test_what_changed_is_listed_and_what_went_before_is_not": "what changed since is listed",
    "test_a_record_is_read_by_its_own_id": "single records read by their ids",
    "test_fields_of_a_contact_are_changed_one_by_one": "fields of contacts changed one by one",
    "test_cents_dates_accents_and_long_texts_come_back": "cents, accents, 300 characters",
    "test_everything_is_listed_once_while_others_write": "listed once while others write",
    "test_the_trial_balance_begins_income_anew_with_the_year": "trial balance, year by year",
    "test_no_secret_is_in_any_error": "no secret in errors",
}


def table(results: Iterable[tuple[str, str]]) -> list[str]:
    """Markdown lines out of (node id, outcome): ✓ when all passed, ✗ when one failed, – where
    nothing applies.
    """
    found: dict[tuple[str, str], set[str]] = {}
    systems: list[str] = []
    for node, outcome in results:
        parts = re.search(r"test_(?:conformance|fields)\.py::(\w+)\[(.*)\]", node)
        if not parts or parts[1] not in BEHAVIOURS:
            continue
        system = next(
            (
                name
                for name in _systems()
                if name in re.split(r"-(?=[a-z])", parts[2]) or parts[2] == name
            ),
            "",
        )
        if system not in systems:
            systems.append(system)
        found.setdefault((parts[1], system), set()).add(outcome)
    systems.sort()
    lines = ["| | " + " | ".join(systems) + " |", "|---" * (len(systems) + 1) + "|"]
    for test, words in BEHAVIOURS.items():
        cells = []
        for system in systems:
            outcomes = found.get((test, system), set())
            cells.append("✗" if "failed" in outcomes else "✓" if "passed" in outcomes else "–")
        lines.append(f"| {words} | " + " | ".join(cells) + " |")
    return lines if found else []


def _systems() -> list[str]:
    from tests.connectors.cases import CASES

    return sorted((case.name for case in CASES), key=len, reverse=True)
