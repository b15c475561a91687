"""Every attack that ever reached something, and more: what was tried, what held, what fell.

    .venv/bin/python -m tests.attacks [--only S2]

Each attack plays on a company of its own, with a real journal and a real target on loopback. S19
and S20 of the first attacks belong to the matching engine and are measured in its benchmarks.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path

from tests.attacks import on_safety, on_the_journal, on_the_push
from tests.attacks.stage import Attack, staged

ATTACKS: tuple[Attack, ...] = (
    *on_the_push.ATTACKS,
    *on_the_journal.ATTACKS,
    *on_safety.ATTACKS,
)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", default="", help="S1, S2 … or part of a title")
    chosen = parser.parse_args()
    known = [
        attack
        for attack in ATTACKS
        if chosen.only in ("", attack.of) or chosen.only in attack.title
    ]
    tried = fell = 0
    print(f"{'':<5}{'attack':<44}{'tried':>6}{'held':>6}{'fell':>6}{'seconds':>9}")
    for attack in known:
        began = time.monotonic()
        count, found = play(attack)
        tried, fell = tried + count, fell + len(found)
        seconds = time.monotonic() - began
        held = count - len(found)
        row = f"{attack.of:<5}{attack.title:<44}{count:>6}{held:>6}{len(found):>6}{seconds:>9.1f}"
        print(row, flush=True)
        for text in found:
            print(f"     {text}", flush=True)
    print(f"{'':<5}{'all':<44}{tried:>6}{tried - fell:>6}{fell:>6}")
    return 1 if fell else 0


def play(attack: Attack) -> tuple[int, list[str]]:
    """How many things an attack tried, and what fell."""
    folder = Path(tempfile.mkdtemp(prefix="cuadre-attack-"))
    try:
        with staged(folder / "escenario") as stage:
            try:
                attack.run(stage)
            except Exception:
                stage.held(False, traceback.format_exc()[-1500:])
            return stage.tried, stage.fell
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
