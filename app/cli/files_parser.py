"""The arguments of what reads files: reports, documents, layouts."""

from __future__ import annotations

import argparse

from app.cli import documents, intake, profiles, reading
from app.cli.commands import Add, Commands
from app.translation import translate


def add_commands(commands: Commands, add: Add) -> None:
    """``inspect``, ``read``, ``import`` and ``documents``."""
    _files(commands, add)
    _documents(commands, add)


def _files(commands: Commands, add: Add) -> None:
    inspect = add(
        commands,
        "inspect",
        translate("cli", "say what a file is and what is in it"),
        intake.inspect,
        True,
    )
    _file_arguments(inspect)
    reads = add(
        commands,
        "read",
        translate("cli", "say what Cuadre reads in a file, without a journal"),
        reading.read,
        True,
    )
    _file_arguments(reads)
    reads.add_argument(
        "--company", metavar="C", default="", help=translate("cli", "short code of the company")
    )
    for ending in ("csv", "xlsx"):
        reads.add_argument(
            f"--{ending}",
            metavar=translate("cli", "FILE"),
            default="",
            help=translate("cli", "write the records to a file"),
        )
    imports = add(
        commands, "import", translate("cli", "journal a file, line by line"), intake.import_, True
    )
    _file_arguments(imports)
    imports.add_argument(
        "--company", metavar="C", default="", help=translate("cli", "short code of the company")
    )
    imports.add_argument(
        "--reason",
        default="",
        help=translate("cli", "why encoding, profile or signs are overridden"),
    )


def _documents(commands: Commands, add: Add) -> None:
    steps = commands.add_parser(
        "documents", help=translate("cli", "invoices, notes, payments and payroll of files")
    ).add_subparsers(required=True, dest="what")
    shows = add(
        steps,
        "preview",
        translate("cli", "what documents files hold, as they would be sent"),
        documents.preview,
        True,
    )
    text = translate("cli", "an XML, a folder of them, or a zip")
    shows.add_argument("file", metavar=translate("cli", "PATH"), help=text)
    shows.add_argument(
        "--own-tax-id",
        action="append",
        default=[],
        metavar="RFC/NIT",
        help=translate("cli", "the company's own tax id; without it the company's settings"),
    )
    listing = add(
        steps,
        "list",
        translate("cli", "journaled documents, and how far each is"),
        documents.list_,
        True,
    )
    listing.add_argument(
        "--period", metavar="YYYY-MM", default="", help=translate("cli", "only of this month")
    )
    show = add(
        steps,
        "show",
        translate("cli", "one document: lines, taxes, relations, files, state"),
        documents.show,
        True,
    )
    apart = add(
        steps,
        "accept",
        translate(
            "cli", "it goes as it is: another than the target has, or at a rate that is right"
        ),
        documents.accept,
        True,
    )
    apart.add_argument("document", metavar=translate("cli", "DOCUMENT"))
    apart.add_argument("--connection", required=True, metavar=translate("cli", "NAME"))
    apart.add_argument("--reason", required=True)
    check = add(
        steps,
        "check",
        translate("cli", "a month's documents against the books of a target"),
        documents.check,
        True,
    )
    check.add_argument("--connection", required=True, metavar=translate("cli", "NAME"))
    check.add_argument("--period", required=True, metavar="YYYY-MM")
    check.add_argument(
        "--report",
        metavar="F.xlsx",
        default="",
        help=translate("cli", "write all of it to a sheet"),
    )
    text = translate("cli", "its number, identifier or reference")
    show.add_argument("document", metavar=translate("cli", "DOCUMENT"), help=text)


def _file_arguments(parser: argparse.ArgumentParser) -> None:
    text = translate("cli", "exported files, folders of them, zips, or patterns such as *.csv")
    parser.add_argument("files", nargs="+", metavar=translate("cli", "FILE"), help=text)
    parser.add_argument(
        "--profile", metavar="P", default="", help=translate("cli", "read it by this profile")
    )
    parser.add_argument(
        "--encoding", metavar="E", default="", help=translate("cli", "read it in this encoding")
    )
    parser.add_argument(
        "--period",
        metavar="YYYY-MM",
        default="",
        help=translate("cli", "every date must lie in it"),
    )
    parser.add_argument(
        "--decimal",
        choices=(".", ","),
        default="",
        help=translate("cli", "decimal mark of a table"),
    )
    parser.add_argument(
        "--dates",
        choices=("day-first", "month-first"),
        default="",
        help=translate("cli", "how a table writes dates"),
    )
    parser.add_argument(
        "--source",
        default="",
        metavar=translate("cli", "BRANCH"),
        help=translate(
            "cli",
            "a branch or series whose folios are its own, apart from others'; it is remembered of"
            " files called alike (- is none)",
        ),
    )
    parser.add_argument(
        "--sides",
        choices=("books", "bank"),
        default="",
        help=translate("cli", "whose debit and credit a table's columns are"),
    )
    parser.add_argument(
        "--own-tax-id",
        action="append",
        default=[],
        metavar="RFC/NIT",
        help=translate(
            "cli", "the company's own tax id: it decides the side; may be repeated; import keeps it"
        ),
    )


def add_layouts(commands: Commands, add: Add) -> None:
    profile = commands.add_parser(
        "profile", help=translate("cli", "the report layouts, and new ones")
    ).add_subparsers(required=True, dest="what")
    add(
        profile, "list", translate("cli", "list the layouts there are"), profiles.profile_list, True
    )
    new = add(
        profile, "new", translate("cli", "write a layout for a table"), profiles.profile_new, True
    )
    new.add_argument("file", metavar=translate("cli", "FILE"))
    new.add_argument("--name", required=True, metavar=translate("cli", "NAME"))
    new.add_argument("--title", default="")
    new.add_argument(
        "--encoding", metavar="E", default="", help=translate("cli", "read it in this encoding")
    )
    new.add_argument(
        "--header-line",
        type=int,
        default=0,
        metavar="N",
        help=translate("cli", "line of the heading"),
    )
    new.add_argument(
        "--column",
        action="append",
        default=[],
        metavar=translate("cli", "ROLE=HEADING"),
        help=translate("cli", "which column is what; may be repeated"),
    )
    new.add_argument(
        "--decimal", choices=(".", ","), default="", help=translate("cli", "the decimal mark")
    )
    new.add_argument(
        "--dates", choices=("dmy", "mdy"), default="", help=translate("cli", "order of dates")
    )
    new.add_argument(
        "--totals", default="", metavar="REGEX", help=translate("cli", "rows to leave out")
    )
    new.add_argument("--vouchers", choices=("auto", "always", "never"), default="auto")
    new.add_argument(
        "--output", metavar="F.toml", default="", help=translate("cli", "where to write it")
    )
    test = add(
        profile,
        "test",
        translate("cli", "show what a layout makes of a file"),
        profiles.profile_test,
        True,
    )
    test.add_argument("file", metavar=translate("cli", "FILE"))
    test.add_argument("--profile", required=True, metavar=translate("cli", "NAME|F.toml"))
