"""The rules a company matches by: shown, tried on a month, made to hold."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from app.cli.home import open_home
from app.cli.output import Stop, answer
from app.cli.sides import readable
from app.matching import rules as rule_sets
from app.matching.reasons import reason
from app.reconciling import runs, summaries
from app.reconciling.trial import Trial, try_rules
from app.system_words import system_words
from app.translation import QT_TRANSLATE_NOOP, translate

SHOWN = 10
_MORE = QT_TRANSLATE_NOOP("cli", "… and %n more")


def show(chosen: argparse.Namespace) -> int:
    rules = runs.company_rules(open_home(chosen))
    text = rule_sets.dump(rules)
    answer(
        chosen.json, {"name": rules.name, "version": rules.version, "toml": text}, text.splitlines()
    )
    return 0


def import_(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    kept = runs.keep_rules(journal, read(chosen.file), chosen.reason)
    text = translate("cli", "Rules {name}, version {version}, hold from now on.")
    answer(
        chosen.json,
        {"name": kept.name, "version": kept.version},
        [text.format(name=kept.name, version=kept.version)],
    )
    return 0


def try_(chosen: argparse.Namespace) -> int:
    """What other rules would match of a month, and what no longer; nothing is kept."""
    journal, rules = open_home(chosen), read(chosen.file)
    found = readable(lambda: try_rules(journal, chosen.left, chosen.right, rules))
    before, after = found.before, found.after
    value = {
        "now": summaries.summary(before),
        "then": summaries.summary(after),
        "matched": [reason(group, after.left, after.right) for group in found.gained],
        "no_longer": [reason(group, before.left, before.right) for group in found.lost],
    }
    answer(chosen.json, value, _lines(found))
    return 0


def _lines(found: Trial) -> Iterator[str]:
    for title, result in (
        (translate("cli", "By the rules that hold"), found.before),
        (translate("cli", "By these"), found.after),
    ):
        text = translate(
            "cli",
            "{title}: matched {matched} · suggested {suggested} · different {different} · only left"
            " {only_left} · only right {only_right} · to explain {difference}",
        )
        yield text.format(title=title, **summaries.summary(result))
    for title, groups, result in (
        (translate("cli", "Matched by these only"), found.gained, found.after),
        (translate("cli", "No longer matched"), found.lost, found.before),
    ):
        if groups:
            yield f"{title}: {len(groups):,}"
            yield from (f"  {reason(one, result.left, result.right)}" for one in groups[:SHOWN])
        if len(groups) > SHOWN:
            yield "  " + translate("cli", _MORE, len(groups) - SHOWN)


def read(path: str) -> rule_sets.RuleSet:
    """The rules of a file. Raises Stop."""
    try:
        return rule_sets.load(Path(path))
    except rule_sets.NotRules as wrong:
        text = translate("cli", "{path}: rule {place}: {what} cannot be understood.")
        raise Stop(text.format(path=path, place=wrong.place, what=wrong.what)) from None
    except OSError as error:
        raise Stop(f"{path}: {system_words(error)}") from None
