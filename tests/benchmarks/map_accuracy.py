"""How right suggested counterparts are, on charts written by hand after the pattern of real ones.

Source charts: classic levels of CONTPAQi, one of SAT codes, auxiliaries of the PUC, a home-grown
one; targets: after the pattern of Odoo's l10n_mx and of the PUC. What stands in the column of a
target is what a bookkeeper would choose; with a question mark it may be proposed and never taken
without a person. Beside it the method of release 0.1.0, which took everything it suggested.

    .venv/bin/python -m tests.benchmarks.map_accuracy [--show]
"""

from __future__ import annotations

import argparse
import csv
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz import fuzz

from app.sending.suggestions import Chart
from connectors.documents import RemoteAccount
from importers.values import plain

CHARTS = Path(__file__).parents[1] / "data" / "charts"
PAIRS = (
    ("source_classic", "target_mx"),
    ("source_sat", "target_mx"),
    ("source_home", "target_mx"),
    ("source_puc", "target_co"),
)


@dataclass
class Score:
    """``found`` counts right answers, taken or proposed; ``questions`` those taken of which only a
    person can know; ``grave`` wrong ones of another class (asset for expense …).
    """

    accounts: int = 0
    answerable: int = 0
    taken: int = 0
    right: int = 0
    grave: int = 0
    questions: int = 0
    found: int = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--show", action="store_true", help="every account with its suggestion")
    chosen = parser.parse_args()
    heading = ("charts", "method", "accounts", "taken", "right", "grave", "questions", "found")
    print("{:<28}{:<8}{:>9}{:>7}{:>7}{:>7}{:>11}{:>8}".format(*heading))
    for source, target in PAIRS:
        for name, method in (("0.1.0", before), ("now", now)):
            got = score(source, target, method, show=chosen.show and name == "now")
            pair = f"{source} → {target}"
            print(
                f"{pair:<28}{name:<8}{got.accounts:>9}{got.taken:>7}{got.right:>7}{got.grave:>7}"
                f"{got.questions:>11}{got.found / max(got.answerable, 1):>8.0%}"
            )


Answer = tuple[str, bool]
"""A code, and whether it is taken without a person."""
Method = Callable[[Mapping[str, str], Sequence[RemoteAccount]], Mapping[str, Answer]]


def score(source: str, target: str, method: Method, *, show: bool = False) -> Score:
    rows = read(source)
    accounts = [RemoteAccount(row["code"], row["name"], row["kind"]) for row in read(target)]
    kinds = {item.code: item.kind for item in accounts}
    suggested = method({row["code"]: row["name"] for row in rows}, accounts)
    got = Score(accounts=len(rows))
    for row in rows:
        answers = [text for text in row[target].split("|") if text]
        certain = [text for text in answers if not text.endswith("?")]
        possible = [text.rstrip("?") for text in answers if text != "?"]
        code, taken = suggested[row["code"]]
        got.answerable += bool(possible)
        got.found += code in possible
        if taken and code:
            got.taken += 1
            got.right += code in certain
            got.questions += not certain
            expected = {kinds.get(text, "") for text in possible}
            got.grave += code not in certain and kinds.get(code) not in expected
        if show:
            mark = "=" if taken else "?"
            print(f"   {row['code']:<12}{row['name']:<48}{mark} {code:<11} {' '.join(answers)}")
    return got


def now(ours: Mapping[str, str], accounts: Sequence[RemoteAccount]) -> Mapping[str, Answer]:
    chart = Chart(accounts, ours)
    found = {code: chart.suggest(code) for code in ours}
    return {code: (one.code, one.is_sure) for code, one in found.items()}


def before(ours: Mapping[str, str], accounts: Sequence[RemoteAccount]) -> Mapping[str, Answer]:
    """What release 0.1.0 suggested, all of which was taken."""
    names = {item.code: item.name for item in accounts}
    return {code: (_first_release(code, name, names), True) for code, name in ours.items()}


def _first_release(code: str, name: str, accounts: Mapping[str, str]) -> str:
    if code in accounts:
        return code
    digits = re.sub(r"\D", "", code)
    by_digits = {re.sub(r"\D", "", target): target for target in accounts}
    if digits in by_digits:
        return by_digits[digits]
    for length in range(len(digits) - 1, 2, -1):
        if digits[:length] in by_digits:
            return by_digits[digits[:length]]
    for length in range(min(len(digits), 6) - 1, 2, -1):
        fitting = [item for known, item in by_digits.items() if known.startswith(digits[:length])]
        if fitting:
            return min(fitting)
    best = max(accounts, key=lambda item: fuzz.token_set_ratio(plain(name), plain(accounts[item])))
    likeness = fuzz.token_set_ratio(plain(name), plain(accounts[best]))
    return best if name and likeness >= 80 else ""


def read(name: str) -> list[dict[str, str]]:
    with (CHARTS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    main()
