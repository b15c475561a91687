"""The arguments of what keeps the program going: set-up, help, newer versions."""

from __future__ import annotations

from app.cli import upkeep
from app.cli.commands import Add, Commands
from app.translation import translate


def add_commands(commands: Commands, add: Add) -> None:
    """``setup``, ``support`` and ``update``."""
    steps = commands.add_parser(
        "setup", help=translate("cli", "take a company's set-up from one desk to another")
    ).add_subparsers(required=True, dest="what")
    exports = add(
        steps,
        "export",
        translate("cli", "write profiles, maps, rules, owners, policy and schedules; no secrets"),
        upkeep.setup_export,
        True,
    )
    imports = add(
        steps,
        "import",
        translate("cli", "take over what such a file has"),
        upkeep.setup_import,
        True,
    )
    for parser in (exports, imports):
        parser.add_argument("file", metavar=translate("cli", "FILE"))
    imports.add_argument("--reason", default="", help=translate("cli", "why"))
    imports.add_argument(
        "--dry-run", action="store_true", help=translate("cli", "only say what would change")
    )
    helps = commands.add_parser(
        "support", help=translate("cli", "what somebody who helps has to know")
    ).add_subparsers(required=True, dest="what")
    bundle = add(
        helps,
        "bundle",
        translate("cli", "show it redacted, and save it once you say so"),
        upkeep.support_bundle,
        True,
    )
    bundle.add_argument("file", metavar=translate("cli", "FILE"))
    bundle.add_argument(
        "--yes", action="store_true", help=translate("cli", "save it without showing it")
    )
    updates = commands.add_parser(
        "update", help=translate("cli", "newer versions, when you ask")
    ).add_subparsers(required=True, dest="what")
    check = add(
        updates, "check", translate("cli", "whether there is one"), upkeep.update_check, True
    )
    check.add_argument(
        "--install",
        action="store_true",
        help=translate("cli", "download it and start its installer, after asking"),
    )
    address = add(
        updates,
        "address",
        translate("cli", "where they are announced; empty for never"),
        upkeep.update_address,
        True,
    )
    address.add_argument("url", metavar="URL", nargs="?", default="")
