"""The commands and their arguments."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence

from app.cli import (
    company,
    demo,
    documents,
    field_owners,
    intake,
    journal,
    mapping,
    moved,
    profiles,
    proving,
    reading,
    reconciling,
    repeats,
    sending,
    status,
    unattended_parser,
)
from app.cli import rules as matching_rules
from app.company.field_owners import FIELD_TEXTS, Direction, Owner
from app.company.policy import CHOICES
from app.company.settings import JOURNAL_VARIABLE
from app.documents.maps import MapKind
from app.journal.roles import Role
from app.translation import LANGUAGES, QT_TRANSLATE_NOOP, set_language, system_language, translate
from connectors.systems import SYSTEMS

ARGPARSE_TEXTS = (
    QT_TRANSLATE_NOOP("argparse", "usage: "),
    QT_TRANSLATE_NOOP("argparse", "positional arguments"),
    QT_TRANSLATE_NOOP("argparse", "options"),
    QT_TRANSLATE_NOOP("argparse", "show this help message and exit"),
    QT_TRANSLATE_NOOP("argparse", "the following arguments are required: %s"),
    QT_TRANSLATE_NOOP("argparse", "unrecognized arguments: %s"),
    QT_TRANSLATE_NOOP("argparse", "%(prog)s: error: %(message)s\n"),
    QT_TRANSLATE_NOOP("argparse", "argument %(argument_name)s: %(message)s"),
    QT_TRANSLATE_NOOP("argparse", "invalid choice: %(value)r (choose from %(choices)s)"),
    QT_TRANSLATE_NOOP("argparse", "invalid %(type)s value: %(value)r"),
    QT_TRANSLATE_NOOP("argparse", "expected one argument"),
)

MAP_KINDS = tuple(kind.value for kind in MapKind)
Run = Callable[[argparse.Namespace], int]


def chosen_language(arguments: Sequence[str]) -> str:
    """The language asked for with ``--lang``, before anything is parsed; else the system's."""
    for place, argument in enumerate(arguments):
        if argument == "--lang" and place + 1 < len(arguments):
            return arguments[place + 1]
        if argument.startswith("--lang="):
            return argument.partition("=")[2]
    return system_language()


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands, in the current language."""
    argparse._ = lambda text: translate("argparse", text)  # type: ignore[attr-defined]
    parser = argparse.ArgumentParser(
        prog="cuadre",
        description=translate(
            "cli", "Accounting exports into modern ERPs: journaled, sent exactly once, reconciled."
        ),
    )
    _shared(parser, top=True)
    parser.set_defaults(run=_window)
    commands = parser.add_subparsers(metavar=translate("cli", "COMMAND"))
    _files(commands)
    _documents(commands)
    unattended_parser.add_commands(commands, _add)
    _profiles(commands)
    _targets(commands)
    _decisions(commands)
    _books(commands)
    window = _add(commands, "window", translate("cli", "open the window"), _window)
    window.add_argument(
        "files",
        nargs="*",
        metavar=translate("cli", "FILE"),
        help=translate("cli", "files and folders to look at"),
    )
    window.set_defaults(json=False)
    return parser


def _window(chosen: argparse.Namespace) -> int:
    from app.company.settings import home_folder

    return int(chosen.open_window(home_folder(chosen.home), files=chosen.files))


def _files(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    inspect = _add(
        commands,
        "inspect",
        translate("cli", "say what a file is and what is in it"),
        intake.inspect,
        True,
    )
    _file_arguments(inspect)
    reads = _add(
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
    imports = _add(
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


def _documents(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    steps = commands.add_parser(
        "documents", help=translate("cli", "invoices, notes, payments and payroll of files")
    ).add_subparsers(required=True, dest="what")
    shows = _add(
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
    listing = _add(
        steps,
        "list",
        translate("cli", "journaled documents, and how far each is"),
        documents.list_,
        True,
    )
    listing.add_argument(
        "--period", metavar="YYYY-MM", default="", help=translate("cli", "only of this month")
    )
    show = _add(
        steps,
        "show",
        translate("cli", "one document: lines, taxes, relations, files, state"),
        documents.show,
        True,
    )
    apart = _add(
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
    check = _add(
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
    text = translate("cli", "an exported file, a folder of them, or a zip")
    parser.add_argument("file", metavar=translate("cli", "FILE"), help=text)
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


def _profiles(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    profile = commands.add_parser(
        "profile", help=translate("cli", "the report layouts, and new ones")
    ).add_subparsers(required=True, dest="what")
    _add(
        profile, "list", translate("cli", "list the layouts there are"), profiles.profile_list, True
    )
    new = _add(
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
    test = _add(
        profile,
        "test",
        translate("cli", "show what a layout makes of a file"),
        profiles.profile_test,
        True,
    )
    test.add_argument("file", metavar=translate("cli", "FILE"))
    test.add_argument("--profile", required=True, metavar=translate("cli", "NAME|F.toml"))


def _targets(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    connection = commands.add_parser(
        "connection", help=translate("cli", "the systems to send to")
    ).add_subparsers(required=True, dest="what")
    add = _add(
        connection, "add", translate("cli", "keep a connection"), sending.connection_add, True
    )
    add.add_argument("name", metavar=translate("cli", "NAME"))
    add.add_argument("--system", required=True, choices=SYSTEMS)
    add.add_argument(
        "--url", default="", help=translate("cli", "the vendor's own where there is one")
    )
    add.add_argument(
        "--allow-http",
        default="",
        metavar=translate("cli", "REASON"),
        help=translate("cli", "why an address that is not encrypted may be used"),
    )
    add.add_argument("--user", default="")
    add.add_argument("--database", default="")
    add.add_argument(
        "--per-minute", type=int, default=None, help=translate("cli", "calls allowed per minute")
    )
    add.add_argument(
        "--per-day", type=int, default=None, help=translate("cli", "calls allowed per day")
    )
    add.add_argument(
        "--option",
        action="append",
        default=[],
        metavar=translate("cli", "NAME=VALUE"),
        help=translate("cli", "of this system only: {known}").format(
            known="; ".join(
                f"{system.name}: {', '.join(option.name for option in system.options)}"
                for system in SYSTEMS.values()
                if system.options
            )
        ),
    )
    login = _add(
        connection,
        "login",
        translate("cli", "log in through the browser (Sage, Xero, Zoho)"),
        sending.connection_login,
        True,
    )
    login.add_argument("name", metavar=translate("cli", "NAME"))
    pin = _add(
        connection,
        "certificate",
        translate("cli", "show the server's certificate, and trust it"),
        sending.connection_certificate,
        True,
    )
    pin.add_argument("name", metavar=translate("cli", "NAME"))
    pin.add_argument(
        "--pin", action="store_true", help=translate("cli", "trust exactly this one from now on")
    )
    _add(
        connection, "list", translate("cli", "list the connections"), sending.connection_list, True
    )
    remove = _add(
        connection,
        "remove",
        translate("cli", "take away a connection that was never used"),
        sending.connection_remove,
        True,
    )
    remove.add_argument("name", metavar=translate("cli", "NAME"))
    check = _add(
        connection,
        "check",
        translate("cli", "log in and say who and where"),
        sending.connection_check,
        True,
    )
    check.add_argument("name", metavar=translate("cli", "NAME"))
    _maps(commands)


def _maps(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    maps = commands.add_parser(
        "map", help=translate("cli", "whose account is whose")
    ).add_subparsers(required=True, dest="what")
    listing = _add(
        maps,
        "list",
        translate("cli", "what is not mapped, with suggestions"),
        mapping.map_list,
        True,
    )
    accept = _add(
        maps, "accept", translate("cli", "take over every suggestion"), mapping.map_accept, True
    )
    for command in (listing, accept):
        command.add_argument(
            "--documents",
            action="store_true",
            help=translate("cli", "what invoices and payments ask for, too"),
        )
    set_ = _add(maps, "set", translate("cli", "set one link"), mapping.map_set, True)
    set_.add_argument("kind", choices=MAP_KINDS)
    set_.add_argument("source", metavar=translate("cli", "SOURCE"))
    set_.add_argument("target", metavar=translate("cli", "TARGET"))
    set_.add_argument("--partner", default="")
    remove = _add(maps, "remove", translate("cli", "take one link away"), mapping.map_remove, True)
    remove.add_argument("kind", choices=MAP_KINDS)
    remove.add_argument("source", metavar=translate("cli", "SOURCE"))
    imports = _add(
        maps, "import", translate("cli", "read a map from CSV or xlsx"), mapping.map_import, True
    )
    export = _add(
        maps, "export", translate("cli", "write the map to CSV or xlsx"), mapping.map_export, True
    )
    for parser in (imports, export):
        parser.add_argument("file", metavar=translate("cli", "FILE"))
    for parser in (listing, accept, set_, remove, imports, export):
        parser.add_argument("--connection", required=True, metavar=translate("cli", "NAME"))

    push = _add(
        commands,
        "push",
        translate("cli", "send what is ready, each document once"),
        sending.push,
        True,
    )
    push.add_argument("--connection", required=True, metavar=translate("cli", "NAME"))
    push.add_argument(
        "--dry-run", action="store_true", help=translate("cli", "only say what would be sent")
    )
    push.add_argument("--batch", type=int, metavar="ID")
    push.add_argument(
        "--only-ready",
        action="store_true",
        help=translate("cli", "send what is mapped, hold the rest"),
    )
    push.add_argument(
        "--retry",
        action="store_true",
        help=translate("cli", "take up again what was refused or differs"),
    )
    push.add_argument(
        "--deadline", type=float, default=600.0, help=translate("cli", "seconds to go on retrying")
    )
    push.add_argument(
        "--every",
        type=float,
        default=0.0,
        metavar="S",
        help=translate("cli", "go on, every so many seconds"),
    )
    push.add_argument(
        "--contacts",
        action="store_true",
        help=translate("cli", "customers and suppliers of imported listings too"),
    )
    push.add_argument(
        "--documents",
        action="store_true",
        help=translate("cli", "invoices, credit notes, payments and their files too"),
    )
    _fields(commands)
    pull = _add(
        commands, "pull", translate("cli", "read the target's own ledger"), sending.pull, True
    )
    pull.add_argument("--connection", required=True, metavar=translate("cli", "NAME"))
    pull.add_argument("--from", dest="start", required=True, metavar="YYYY-MM-DD")
    pull.add_argument("--to", dest="end", required=True, metavar="YYYY-MM-DD")


def _fields(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parts = commands.add_parser(
        "fields", help=translate("cli", "which system owns which field")
    ).add_subparsers(required=True, dest="what")
    _add(parts, "show", translate("cli", "the map of owners"), field_owners.fields_show, True)
    set_ = _add(
        parts, "set", translate("cli", "give a field an owner"), field_owners.fields_set, True
    )
    set_.add_argument("field", choices=list(FIELD_TEXTS))
    set_.add_argument("owner", choices=[owner.value for owner in Owner])
    set_.add_argument("direction", nargs="?", choices=[way.value for way in Direction])
    imports = _add(
        parts, "import", translate("cli", "read the map from CSV"), field_owners.fields_import, True
    )
    export = _add(
        parts,
        "export",
        translate("cli", "write the map to CSV or xlsx"),
        field_owners.fields_export,
        True,
    )
    for parser in (imports, export):
        parser.add_argument("file", metavar=translate("cli", "FILE"))
    for parser in (set_, imports):
        parser.add_argument("--reason", default="")
    moved = _add(
        parts,
        "drift",
        translate("cli", "what changed on the wrong side"),
        field_owners.fields_drift,
        True,
    )
    moved.add_argument("--connection", required=True, metavar=translate("cli", "NAME"))


def _decisions(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    queue = commands.add_parser(
        "queue", help=translate("cli", "what is sent, and what to decide")
    ).add_subparsers(required=True, dest="what")
    listing = _add(
        queue, "list", translate("cli", "why each document waits"), company.queue_list, True
    )
    listing.add_argument("--all", action="store_true", help=translate("cli", "confirmed ones too"))
    show = _add(
        queue, "show", translate("cli", "ours beside the target's"), company.queue_show, True
    )
    retry = _add(
        queue,
        "retry",
        translate("cli", "look it up and send it again"),
        company.queue_retry,
        True,
    )
    skip = _add(
        queue, "skip", translate("cli", "never send it, with a reason"), company.queue_skip, True
    )
    link = _add(
        queue,
        "link",
        translate("cli", "it is a document the target has"),
        company.queue_link,
        True,
    )
    corrected = _add(
        queue,
        "corrected",
        translate("cli", "the target says by now what the newest file says"),
        company.queue_corrected,
        True,
    )
    shifted = _add(
        queue,
        "moved",
        translate("cli", "what the target put on another day"),
        moved.moved_list,
        True,
    )
    back = _add(
        queue,
        "back",
        translate("cli", "move it to its own day, once its period is open"),
        moved.moved_back,
        True,
    )
    back.add_argument("reference", nargs="?", default="", metavar=translate("cli", "REFERENCE"))
    back.add_argument("--reason", required=True)
    likely = _add(
        queue,
        "repeats",
        translate("cli", "what was probably sent already under another reference"),
        repeats.repeats_list,
        True,
    )
    same = _add(
        queue, "same", translate("cli", "they are there already"), repeats.repeats_same, True
    )
    other = _add(queue, "other", translate("cli", "they are others"), repeats.repeats_other, True)
    for parser in (same, other):
        parser.add_argument(
            "which",
            nargs="?",
            default="",
            metavar=translate("cli", "KIND|REFERENCE"),
            help=translate("cli", "those of one kind, or one; all where nothing is said"),
        )
        parser.add_argument("--reason", required=True)
    for parser in (
        listing,
        show,
        retry,
        skip,
        link,
        corrected,
        shifted,
        back,
        likely,
        same,
        other,
    ):
        parser.add_argument("--connection", required=True, metavar=translate("cli", "NAME"))
    for parser in (show, retry, skip, link, corrected):
        parser.add_argument("reference", metavar=translate("cli", "REFERENCE"))
    for parser in (show, link):
        parser.add_argument(
            "--number", default="", help=translate("cli", "the target's own number of it")
        )
    approve = _add(
        commands,
        "approve",
        translate("cli", "let a held file go, with a reason"),
        company.approve,
        True,
    )
    approve.add_argument("subject", metavar=translate("cli", "BATCH|FILE"))
    approve.add_argument(
        "--what", choices=("errors", "warnings", "sending", "folios"), default="sending"
    )
    for parser in (skip, link, corrected, approve):
        parser.add_argument("--reason", required=True)
    about = _add(
        commands,
        "company",
        translate("cli", "what is known of the company: its currency and tax ids"),
        company.company_,
        True,
    )
    about.add_argument(
        "--currency", default="", help=translate("cli", "the currency its books are in")
    )
    about.add_argument("--own-tax-id", action="append", default=[], metavar="RFC/NIT")
    policy = _add(
        commands,
        "policy",
        translate("cli", "what holds a file back in this company"),
        company.policy_,
        True,
    )
    for name, known in CHOICES.items():
        policy.add_argument(f"--{name}", choices=known, default="")
    policy.add_argument("--reason", default="")
    role = commands.add_parser("role", help=translate("cli", "who may do what")).add_subparsers(
        required=True, dest="what"
    )
    _add(role, "list", translate("cli", "list the people with roles"), company.role_list, True)
    give = _add(
        role,
        "give",
        translate("cli", "let a person have exactly these roles"),
        company.role_give,
        True,
    )
    give.add_argument("person", metavar=translate("cli", "USER[@MACHINE]"))
    give.add_argument("roles", nargs="*", choices=[role.value for role in Role], default=[])
    give.add_argument("--reason", default="")
    alert = commands.add_parser(
        "alerts", help=translate("cli", "what is wrong, and who is told")
    ).add_subparsers(required=True, dest="what")
    _add(
        alert,
        "check",
        translate("cli", "raise what is new, deliver it, list what stands"),
        company.alerts_check,
        True,
    )
    _add(alert, "list", translate("cli", "where alerts go"), company.alerts_list, True)
    _add(
        alert,
        "add",
        translate("cli", "one more address, read from the keyboard"),
        company.alerts_add,
        True,
    )
    _add(alert, "clear", translate("cli", "forget every address"), company.alerts_clear, True)
    _add(alert, "test", translate("cli", "send a test to every address"), company.alerts_test, True)


def _books(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    reconcile = _add(
        commands,
        "reconcile",
        translate("cli", "match two sides and prove it"),
        reconciling.reconcile,
        True,
    )
    reconcile.add_argument(
        "left", metavar=translate("cli", "LEFT"), help="FILE | batch:ID | pull:NAME"
    )
    reconcile.add_argument(
        "right", metavar=translate("cli", "RIGHT"), help="FILE | batch:ID | pull:NAME"
    )
    reconcile.add_argument(
        "--links", metavar="F.csv", help=translate("cli", "write the matched pairs")
    )
    reconcile.add_argument(
        "--suggestions",
        metavar="F.csv",
        help=translate("cli", "write what is proposed, best first"),
    )
    reconcile.add_argument(
        "--rules", metavar="R.toml", help=translate("cli", "match by these rules")
    )
    reconcile.add_argument(
        "--report", metavar="F.xlsx", help=translate("cli", "write the working paper")
    )
    reconcile.add_argument(
        "--pdf", metavar="F.pdf", help=translate("cli", "write the paper to be signed")
    )
    reconcile.add_argument(
        "--advance",
        choices=("prepared", "reviewed", "signed"),
        help=translate("cli", "one step on towards signing"),
    )
    reconcile.add_argument(
        "--book", default="", help=translate("cli", "what this pair of books is called every month")
    )
    reconcile.add_argument(
        "--account",
        action="append",
        default=[],
        metavar=translate("cli", "CODE"),
        help=translate("cli", "only accounts that begin so; may be given several times"),
    )
    reconcile.add_argument(
        "--adjustments",
        metavar=translate("cli", "JOURNAL"),
        help=translate(
            "cli", "propose vouchers in this journal of the target for what the rules let differ"
        ),
    )
    reconcile.add_argument(
        "--contra",
        default="",
        metavar=translate("cli", "CODE"),
        help=translate("cli", "account of differences whose rule names none"),
    )
    reconcile.add_argument(
        "--attach",
        action="append",
        default=[],
        metavar=translate("cli", "FILE"),
        help=translate("cli", "keep a file as evidence"),
    )
    reconcile.add_argument(
        "--reopen", action="store_true", help=translate("cli", "open it again, with a reason")
    )
    reconcile.add_argument("--reason", default="")
    rules = commands.add_parser(
        "rules", help=translate("cli", "by which rules this company matches")
    ).add_subparsers(required=True, dest="what")
    _add(rules, "show", translate("cli", "the rules as TOML"), matching_rules.show, True)
    tried = _add(
        rules,
        "try",
        translate("cli", "what other rules would match of two sides; nothing is kept"),
        matching_rules.try_,
        True,
    )
    tried.add_argument("file", metavar="R.toml")
    tried.add_argument("left", metavar="LEFT")
    tried.add_argument("right", metavar="RIGHT")
    imported = _add(
        rules,
        "import",
        translate("cli", "make these the company's rules"),
        matching_rules.import_,
        True,
    )
    imported.add_argument("file", metavar="R.toml")
    imported.add_argument("--reason", default="")

    _journal(commands)
    shown = _add(commands, "status", translate("cli", "the four figures"), status.status, True)
    text = translate("cli", "over this time, by hour: 24h, 7d, 30d")
    shown.add_argument("--since", default="", metavar="T", help=text)

    sandbox = commands.add_parser(
        "sandbox", help=translate("cli", "the embedded ERP to try things on")
    ).add_subparsers(required=True, dest="what")
    serve = _add(sandbox, "serve", translate("cli", "serve it on this machine"), demo.sandbox_serve)
    serve.add_argument("--port", type=int, default=8069)
    serve.add_argument("--country", choices=("MX", "CO"), default="MX")
    serve.add_argument("--per-minute", type=int, default=0)
    shown = _add(commands, "demo", translate("cli", "the whole way on a sample"), demo.demo, True)
    shown.add_argument(
        "--no-window", action="store_true", help=translate("cli", "never open the window")
    )
    shown.add_argument(
        "--keep", metavar=translate("cli", "FOLDER"), help=translate("cli", "work in this folder")
    )


def _journal(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parts = commands.add_parser(
        "journal", help=translate("cli", "what happened to each line")
    ).add_subparsers(required=True, dest="what")
    _add(parts, "list", translate("cli", "list the imported files"), journal.journal_list, True)
    show = _add(
        parts,
        "show",
        translate("cli", "the lines of a batch, or a document's story"),
        journal.journal_show,
        True,
    )
    show.add_argument("subject", metavar=translate("cli", "BATCH[:LINE]|FILE[:LINE]|REFERENCE"))
    proof = _add(
        parts,
        "verify",
        translate("cli", "prove that nothing was edited or removed"),
        proving.journal_verify,
        True,
    )
    proof.add_argument(
        "--anchor",
        metavar=translate("cli", "FILE"),
        action="append",
        default=[],
        help=translate("cli", "an anchor exported before; may be given several times"),
    )
    anchor = _add(
        parts,
        "anchor",
        translate("cli", "export the head of the chain, to check it later"),
        proving.journal_anchor,
        True,
    )
    anchor.add_argument("file", metavar=translate("cli", "FILE"), nargs="?", default="")
    anchor.add_argument(
        "--timestamp",
        default="",
        metavar="URL",
        help=translate("cli", "an authority for time stamps (RFC 3161) that vouches for when"),
    )
    for parser in (proof, anchor):
        parser.add_argument(
            "--trust",
            default="",
            metavar="F.pem",
            help=translate("cli", "the root certificate of the authority for time stamps"),
        )
    settled = _add(
        parts,
        "settle",
        translate("cli", "settle a finding of verify, with a reason"),
        proving.journal_settle,
        True,
    )
    settled.add_argument("what_", choices=("anchors", "signatures"))
    settled.add_argument("--reason", required=True)
    _add(
        parts,
        "rebuild",
        translate("cli", "build anew what is derived from the rest"),
        proving.journal_rebuild,
        True,
    )
    export = _add(
        parts,
        "export",
        translate("cli", "write events to CSV, xlsx or JSON Lines"),
        journal.journal_export,
        True,
    )
    export.add_argument("file", metavar=translate("cli", "FILE"))
    wrong = _add(
        parts,
        "findings",
        translate("cli", "write a batch's findings to xlsx"),
        journal.journal_findings,
        True,
    )
    wrong.add_argument("subject", metavar=translate("cli", "BATCH|FILE"))
    wrong.add_argument("file", metavar="F.xlsx")
    backup = _add(
        parts,
        "backup",
        translate("cli", "copy the journal while it is in use"),
        journal.journal_backup,
        True,
    )
    backup.add_argument("file", metavar=translate("cli", "FILE"))
    restore = _add(
        parts,
        "restore",
        translate("cli", "put a proven copy in its place"),
        journal.journal_restore,
        True,
    )
    restore.add_argument("file", metavar=translate("cli", "FILE"))
    compact = _add(
        parts,
        "compact",
        translate("cli", "move settled old files to an archive"),
        journal.journal_compact,
        True,
    )
    compact.add_argument("--before", required=True, metavar="YYYY-MM-DD")
    compact.add_argument("archive", metavar="F.zip")
    search = _add(
        commands,
        "search",
        translate("cli", "find by folio, tax id, amount or text"),
        journal.search_,
        True,
    )
    search.add_argument("text", nargs="+", metavar=translate("cli", "TEXT"))
    search.add_argument("--limit", type=int, default=50)
    _add(
        parts,
        "recover",
        translate("cli", "save what a damaged journal still holds"),
        journal.journal_recover,
        True,
    )


def _add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    text: str,
    run: Run,
    json: bool = False,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(run=run)
    _shared(parser)
    if json:
        parser.add_argument("--json", action="store_true", help=translate("cli", "answer in JSON"))
    return parser


def _shared(parser: argparse.ArgumentParser, top: bool = False) -> None:
    default = None if top else argparse.SUPPRESS
    parser.add_argument(
        "--home",
        metavar=translate("cli", "FOLDER"),
        default=default,
        help=translate("cli", "the company's data home"),
    )
    parser.add_argument(
        "--journal",
        metavar="URL",
        default=default,
        action=_SharedJournal,
        help=translate("cli", "a shared journal: postgresql://…"),
    )
    parser.add_argument(
        "--lang",
        choices=LANGUAGES,
        default=default,
        help=translate("cli", "language of texts"),
        action=_Language,
    )


class _SharedJournal(argparse.Action):
    def __call__(
        self, parser: object, namespace: argparse.Namespace, values: object, option: object = None
    ) -> None:
        os.environ[JOURNAL_VARIABLE] = str(values)


class _Language(argparse.Action):
    def __call__(
        self, parser: object, namespace: argparse.Namespace, values: object, option: object = None
    ) -> None:
        set_language(str(values))
        namespace.lang = values
