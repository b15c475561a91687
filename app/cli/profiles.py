"""``cuadre profile``: the layouts there are, a new one from a file, and a trial of one."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from app.cli.intake import existing, inspection_lines
from app.cli.output import Stop, answer, table
from app.company import settings
from app.translation import render, translate
from importers import LedgerLine, Options, Source, Unreadable, Voucher, inspect, read
from importers.layout import (
    ROLES,
    TABLES,
    Layout,
    Proposal,
    heading_texts,
    propose,
    to_toml,
)
from importers.profile import Profile, parse_profile
from importers.tables import cell_text

SHOWN_MOVEMENTS = 12


def profile_list(chosen: argparse.Namespace) -> int:
    found = settings.profiles(settings.home_folder(chosen.home)).values()
    rows = [
        (profile.name, ", ".join(sorted(profile.containers)), profile.title) for profile in found
    ]
    names = ("name", "containers", "title")
    answer(chosen.json, [dict(zip(names, row, strict=True)) for row in rows], table(sorted(rows)))
    return 0


def profile_new(chosen: argparse.Namespace) -> int:
    """Write a profile from a table's heading and the person's choices; what is not said is
    detected.
    """
    source = _open(existing(chosen.file), Options(encoding=chosen.encoding))
    found = propose(source, chosen.header_line)
    heading = next((cells for number, cells in found.rows if number == found.header_line), None)
    if heading is None:
        raise Stop(
            translate("cli", "No heading row was found. Say which line it is with --header-line.")
        )
    texts = heading_texts(heading)
    columns = {role: texts[place] for place, role in found.roles.items()}
    columns |= dict(_column(text, texts) for text in chosen.column)
    columns = {role: text for role, text in columns.items() if text}
    layout = Layout(
        chosen.name,
        chosen.title,
        found.header_line,
        columns,
        chosen.decimal or found.decimal,
        found.day_first if not chosen.dates else chosen.dates == "dmy",
        chosen.totals,
        chosen.vouchers,
        containers=("text",) if found.starts else TABLES,
        headings=texts,
        starts=found.starts,
    )
    try:
        text = to_toml(layout)
    except ValueError as missing:
        raise Stop(_missing(str(missing))) from None
    path = (
        Path(chosen.output)
        if chosen.output
        else settings.home_folder(chosen.home) / "profiles" / f"{chosen.name}.toml"
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    said = translate(
        "cli",
        "Profile {name} written to {path}. Try it with: cuadre profile test {file} --profile"
        " {name}",
    )
    shown = said.format(name=chosen.name, path=path, file=chosen.file)
    value = {
        "name": chosen.name,
        "path": str(path),
        "header_line": found.header_line,
        "columns": columns,
    }
    answer(chosen.json, value, [*_columns(found, columns, texts), shown])
    return 0


def profile_test(chosen: argparse.Namespace) -> int:
    """What a profile makes of a file: the counts, and the first movements as they would be read."""
    path = existing(chosen.file)
    profiles = settings.profiles(settings.home_folder(chosen.home))
    name = chosen.profile
    if name.endswith(".toml"):
        profile = _profile_file(Path(name))
        profiles[profile.name] = profile
        name = profile.name
    found = inspect(path, Options(profile=name), profiles)
    movements = _movements(_open(path, Options(profile=name), profiles)) if found.readable else []
    value = {
        "profile": found.profile,
        "readable": found.readable,
        "movements": found.movements,
        "vouchers": found.vouchers,
        "debit": str(found.debit),
        "credit": str(found.credit),
        "first": [dict(zip(MOVEMENT, row, strict=True)) for row in movements],
    }
    answer(
        chosen.json,
        value,
        [*inspection_lines(found), "", *table([MOVEMENT, *movements], right=(0, 4, 5))],
    )
    return 0 if found.readable else 2


MOVEMENT = ("line", "date", "reference", "account", "debit", "credit", "text")


def _movements(source: Source) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for item in read(source):
        if isinstance(item, LedgerLine):
            rows.append(
                _row(
                    item.line,
                    str(item.date),
                    item.reference or item.number,
                    item.account,
                    item.debit,
                    item.credit,
                    item.description,
                )
            )
        elif isinstance(item, Voucher):
            rows += [
                _row(
                    line.line,
                    str(item.date),
                    line.reference or item.number,
                    line.account,
                    line.debit,
                    line.credit,
                    line.description,
                )
                for line in item.lines
            ]
        if len(rows) >= SHOWN_MOVEMENTS:
            break
    return rows[:SHOWN_MOVEMENTS]


def _row(*values: object) -> tuple[str, ...]:
    return tuple(str(value)[:40] for value in values)


def _columns(found: Proposal, columns: dict[str, str], texts: list[str]) -> Iterator[str]:
    first = found.example(found.header_line)
    rows = []
    for place, text in enumerate(texts):
        role = next((role for role, title in columns.items() if title == text and text), "–")
        example = cell_text(first[place])[:30] if place < len(first) else ""
        rows.append((place + 1, text[:40], role, example))
    yield from table(rows, right=(0,))


def _column(text: str, headings: list[str]) -> tuple[str, str]:
    """``role=heading`` or ``role=number of the column``; an empty heading takes the role away."""
    role, separator, heading = text.partition("=")
    if not separator or role not in ROLES:
        raise Stop(
            translate("cli", "{value}: write ROLE=HEADING, where ROLE is one of {roles}.").format(
                value=text, roles=", ".join(ROLES)
            )
        )
    if heading.isdigit() and 1 <= int(heading) <= len(headings):
        heading = headings[int(heading) - 1]
    if heading and heading not in headings:
        raise Stop(
            translate("cli", "There is no column {heading}. There are: {known}.").format(
                heading=heading, known=", ".join(filter(None, headings))
            )
        )
    return role, heading


def _missing(what: str) -> str:
    if what == "name":
        return translate("cli", "A profile's name has lower-case letters, digits and hyphens only.")
    if what == "totals":
        return translate("cli", "--totals is not a regular expression.")
    if what == "repeated":
        return translate(
            "cli",
            "A chosen heading stands twice in the table; rename one of the two in the file first.",
        )
    if what == "date":
        return translate("cli", "Say which column is the date: --column date=HEADING.")
    return translate(
        "cli", "Say which column is the amount: --column debit=… and credit=…, or amount=…."
    )


def _profile_file(path: Path) -> Profile:
    try:
        return parse_profile(existing(str(path)).read_text("utf-8"))
    except ValueError as wrong:
        raise Stop(
            translate("cli", "{path} is no profile: {reason}").format(path=path, reason=wrong)
        ) from None


def _open(path: Path, options: Options, profiles: dict[str, Profile] | None = None) -> Source:
    try:
        return Source.open(path, options, profiles)
    except Unreadable as unreadable:
        from importers.findings import Finding

        finding = Finding(unreadable.code, 0, 0, unreadable.parameters)
        raise Stop(f"{path.name}: {render(finding.message, 'findings')}") from None
