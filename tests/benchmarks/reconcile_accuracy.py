"""How well and how fast two sides are matched, by kind of case, beside what accountants and
programmers use.

``python -m tests.benchmarks.reconcile_accuracy [--lines 10000 100000] [--bank 10000] [--seed 1]``.
The pairs are made by :mod:`tests.benchmarks.ledgers` and their truth is known. pandas is part of
Cuadre; recordlinkage and splink are shown where they are installed. Seconds are wall clock of
matching only; memory is the peak of the whole process so far.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable, Sequence

import pandas as pd

from app.matching import MatchState, match
from tests.benchmarks.ledgers import Maker, Score, Truth, judge

Groups = Sequence[tuple[tuple[int, ...], tuple[int, ...]]]
SPLINK_MOST = 120_000
RECORDLINKAGE_MOST = 20_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--bank", type=int, nargs="*", default=[10_000])
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    for bank, sizes in ((False, chosen.lines), (True, chosen.bank)):
        for lines in sizes:
            truth = Maker(lines, chosen.seed, bank).make()
            print(
                f"\n## {'bank statement' if bank else 'ledger'}, {len(truth.left):,} ×"
                f" {len(truth.right):,} lines, seed {chosen.seed}\n"
            )
            _table(truth)


def _table(truth: Truth) -> None:
    kinds = sorted({kind for _, _, kind in truth.groups})
    print(
        "| method | s | MB | precision | recall | groups whole | wrong groups |",
        " | ".join(kinds),
        "|",
    )
    print("|---" * (7 + len(kinds)) + "|")
    _cuadre(truth, kinds)
    frames = frames_of(truth)
    _row("pandas merge, folio + amount", truth, kinds, lambda: _merged(*frames, ["folio", "cents"]))
    _row(
        "… + occurrence number",
        truth,
        kinds,
        lambda: _merged(*map(_numbered, frames), ["folio", "cents", "nth"]),
    )
    _row("pandas merge, amount + date", truth, kinds, lambda: _merged(*frames, ["cents", "day"]))
    lines = max(len(truth.left), len(truth.right))
    for name, method, most in RIVALS[1:]:
        if lines > most:
            print(f"| {name} | – | | not run above {most:,} lines |")
            continue
        try:
            _row(name, truth, kinds, lambda method=method: method(*frames))  # type: ignore[misc]
        except ImportError as missing:
            print(f"| {name} | – | | {missing.name} is not installed |")
        except Exception as error:
            print(f"| {name} | – | | gives up: {type(error).__name__} |")


def _cuadre(truth: Truth, kinds: Sequence[str]) -> None:
    left, right = truth.sides()
    started = time.perf_counter()
    found = match(left, right)
    seconds = time.perf_counter() - started
    both = [group for group in found.groups if group.left and group.right]
    sure = [(group.left, group.right) for group in both if group.state is MatchState.MATCHED]
    _print("**Cuadre, automatic**", seconds, judge(truth, sure), kinds)
    _print(
        "**Cuadre, first proposals taken**",
        seconds,
        judge(truth, [(g.left, g.right) for g in both]),
        kinds,
    )


def _row(name: str, truth: Truth, kinds: Sequence[str], method: Callable[[], Groups]) -> None:
    started = time.perf_counter()
    found = method()
    _print(name, time.perf_counter() - started, judge(truth, found), kinds)


def _print(name: str, seconds: float, score: Score, kinds: Sequence[str]) -> None:
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    shares = [f"{right / true:.1%}" for right, true in (score.by_kind[kind] for kind in kinds)]
    whole = f"{score.whole / score.several:.1%}" if score.several else "–"
    wrong = f"{score.wrong_groups / score.made_groups:.2%}" if score.made_groups else "–"
    print(
        f"| {name} | {seconds:.1f} | {memory:,} | {score.precision:.4%} | {score.recall:.2%} |"
        f" {whole} | {wrong} |",
        " | ".join(shares),
        "|",
        flush=True,
    )


def frames_of(truth: Truth) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both sides as the rivals take them."""
    return _frame(truth.left), _frame(truth.right)


def _frame(lines: Sequence[object]) -> pd.DataFrame:
    names = {"folio": "reference", "cents": "cents", "day": "day", "party": "party"}
    frame = pd.DataFrame(
        {name: [getattr(line, field) for line in lines] for name, field in names.items()}
    )
    frame["folio"] = frame["folio"].where(
        ~frame["folio"].isin(["", "0", "S/N", "VARIOS", "NOMINA"])
    )
    frame["name"] = (
        frame["party"]
        .str.normalize("NFD")
        .str.encode("ascii", "ignore")
        .str.decode("ascii")
        .str.upper()
        .str[:18]
    )
    frame["row"] = frame.index
    return frame


def _numbered(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(nth=frame.groupby(["folio", "cents"]).cumcount())


def _merged(left: pd.DataFrame, right: pd.DataFrame, keys: list[str]) -> Groups:
    found = left.dropna(subset=keys).merge(right.dropna(subset=keys), on=keys)
    return [((int(a),), (int(b),)) for a, b in zip(found["row_x"], found["row_y"], strict=True)]


def _greedy(pairs: pd.DataFrame) -> Groups:
    """Best pair first, each row once; ``a``, ``b`` and ``score``."""
    left, right, found = set(), set(), []
    for a, b in pairs.sort_values(["score", "a", "b"], ascending=[False, True, True])[
        ["a", "b"]
    ].itertuples(index=False):
        if a not in left and b not in right:
            left.add(a)
            right.add(b)
            found.append(((int(a),), (int(b),)))
    return found


def _recordlinkage(left: pd.DataFrame, right: pd.DataFrame) -> Groups:
    import recordlinkage

    index = recordlinkage.Index()
    index.block("cents")
    compare = recordlinkage.Compare()
    compare.exact("folio", "folio", label="folio")
    compare.exact("day", "day", label="day")
    compare.string("name", "name", method="jarowinkler", label="name")
    found = compare.compute(index.index(left, right), left.fillna(""), right.fillna(""))
    found["score"] = found["folio"] * 2 + found["day"] + found["name"]
    pairs = found[found["score"] >= 1.5].reset_index()
    pairs.columns = ["a", "b", *pairs.columns[2:]]
    return _greedy(pairs)


def _splink(left: pd.DataFrame, right: pd.DataFrame) -> Groups:
    import logging

    import splink.comparison_library as compared
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    logging.disable(logging.WARNING)
    settings = SettingsCreator(
        link_type="link_only",
        unique_id_column_name="row",
        blocking_rules_to_generate_predictions=[
            block_on("cents", "day"),
            block_on("cents", "name"),
            block_on("folio"),
        ],
        comparisons=[
            compared.ExactMatch("folio"),
            compared.ExactMatch("cents"),
            compared.ExactMatch("day"),
            compared.JaroWinklerAtThresholds("name", [0.92, 0.8]),
        ],
    )
    sides = [
        frame.assign(day=frame["day"].astype(str))[["row", "folio", "cents", "day", "name"]]
        for frame in (left, right)
    ]
    linker = Linker(sides, settings, db_api=DuckDBAPI())
    linker.training.estimate_u_using_random_sampling(max_pairs=2_000_000)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("cents", "day"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("folio"))
    found = linker.inference.predict(threshold_match_probability=0.9).as_pandas_dataframe()
    pairs = pd.DataFrame({"a": found["row_l"], "b": found["row_r"], "score": found["match_weight"]})
    return _greedy(pairs)


RIVALS: tuple[tuple[str, Callable[[pd.DataFrame, pd.DataFrame], Groups], int], ...] = (
    (
        "pandas merge, folio + amount",
        lambda left, right: _merged(left, right, ["folio", "cents"]),
        10**9,
    ),
    ("recordlinkage, amount block, greedy", _recordlinkage, RECORDLINKAGE_MOST),
    ("splink, greedy 1:1", _splink, SPLINK_MOST),
)
"""What is run beside, with the most lines it is run on."""

if __name__ == "__main__":
    main()
