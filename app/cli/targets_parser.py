"""The arguments of what is sent to: connections, maps, sending, reading, fields."""

from __future__ import annotations

from app.cli import field_owners, mapping, sending
from app.cli.commands import Add, Commands
from app.company.field_owners import FIELD_TEXTS, Direction, Owner
from app.documents.maps import MapKind
from app.translation import translate
from connectors.systems import SYSTEMS

MAP_KINDS = tuple(kind.value for kind in MapKind)


def add_commands(commands: Commands, add: Add) -> None:
    """``connection``, ``map``, ``push``, ``pull`` and ``fields``."""
    connection = commands.add_parser(
        "connection", help=translate("cli", "the systems to send to")
    ).add_subparsers(required=True, dest="what")
    kept = add(
        connection, "add", translate("cli", "keep a connection"), sending.connection_add, True
    )
    kept.add_argument("name", metavar=translate("cli", "NAME"))
    kept.add_argument("--system", required=True, choices=SYSTEMS)
    kept.add_argument(
        "--url", default="", help=translate("cli", "the vendor's own where there is one")
    )
    kept.add_argument(
        "--allow-http",
        default="",
        metavar=translate("cli", "REASON"),
        help=translate("cli", "why an address that is not encrypted may be used"),
    )
    kept.add_argument("--user", default="")
    kept.add_argument("--database", default="")
    kept.add_argument(
        "--per-minute", type=int, default=None, help=translate("cli", "calls allowed per minute")
    )
    kept.add_argument(
        "--per-day", type=int, default=None, help=translate("cli", "calls allowed per day")
    )
    kept.add_argument(
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
    login = add(
        connection,
        "login",
        translate("cli", "log in through the browser (Sage, Xero, Zoho)"),
        sending.connection_login,
        True,
    )
    login.add_argument("name", metavar=translate("cli", "NAME"))
    pin = add(
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
    add(connection, "list", translate("cli", "list the connections"), sending.connection_list, True)
    remove = add(
        connection,
        "remove",
        translate("cli", "take away a connection that was never used"),
        sending.connection_remove,
        True,
    )
    remove.add_argument("name", metavar=translate("cli", "NAME"))
    check = add(
        connection,
        "check",
        translate("cli", "log in and say who and where"),
        sending.connection_check,
        True,
    )
    check.add_argument("name", metavar=translate("cli", "NAME"))
    _maps(commands, add)


def _maps(commands: Commands, add: Add) -> None:
    maps = commands.add_parser(
        "map", help=translate("cli", "whose account is whose")
    ).add_subparsers(required=True, dest="what")
    listing = add(
        maps,
        "list",
        translate("cli", "what is not mapped, with suggestions"),
        mapping.map_list,
        True,
    )
    accept = add(
        maps, "accept", translate("cli", "take over every suggestion"), mapping.map_accept, True
    )
    for command in (listing, accept):
        command.add_argument(
            "--documents",
            action="store_true",
            help=translate("cli", "what invoices and payments ask for, too"),
        )
    set_ = add(maps, "set", translate("cli", "set one link"), mapping.map_set, True)
    set_.add_argument("kind", choices=MAP_KINDS)
    set_.add_argument("source", metavar=translate("cli", "SOURCE"))
    set_.add_argument("target", metavar=translate("cli", "TARGET"))
    set_.add_argument("--partner", default="")
    remove = add(maps, "remove", translate("cli", "take one link away"), mapping.map_remove, True)
    remove.add_argument("kind", choices=MAP_KINDS)
    remove.add_argument("source", metavar=translate("cli", "SOURCE"))
    imports = add(
        maps, "import", translate("cli", "read a map from CSV or xlsx"), mapping.map_import, True
    )
    export = add(
        maps, "export", translate("cli", "write the map to CSV or xlsx"), mapping.map_export, True
    )
    for parser in (imports, export):
        parser.add_argument("file", metavar=translate("cli", "FILE"))
    for parser in (listing, accept, set_, remove, imports, export):
        parser.add_argument("--connection", required=True, metavar=translate("cli", "NAME"))

    push = add(
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
    _fields(commands, add)
    pull = add(
        commands, "pull", translate("cli", "read the target's own ledger"), sending.pull, True
    )
    pull.add_argument("--connection", required=True, metavar=translate("cli", "NAME"))
    pull.add_argument("--from", dest="start", required=True, metavar="YYYY-MM-DD")
    pull.add_argument("--to", dest="end", required=True, metavar="YYYY-MM-DD")


def _fields(commands: Commands, add: Add) -> None:
    parts = commands.add_parser(
        "fields", help=translate("cli", "which system owns which field")
    ).add_subparsers(required=True, dest="what")
    add(parts, "show", translate("cli", "the map of owners"), field_owners.fields_show, True)
    set_ = add(
        parts, "set", translate("cli", "give a field an owner"), field_owners.fields_set, True
    )
    set_.add_argument("field", choices=list(FIELD_TEXTS))
    set_.add_argument("owner", choices=[owner.value for owner in Owner])
    set_.add_argument("direction", nargs="?", choices=[way.value for way in Direction])
    imports = add(
        parts, "import", translate("cli", "read the map from CSV"), field_owners.fields_import, True
    )
    export = add(
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
    moved = add(
        parts,
        "drift",
        translate("cli", "what changed on the wrong side"),
        field_owners.fields_drift,
        True,
    )
    moved.add_argument("--connection", required=True, metavar=translate("cli", "NAME"))
