"""The arguments of books: reconciling, the journal, what shows them."""

from __future__ import annotations

from app.cli import demo, journal, proving, reconciling, status
from app.cli import rules as matching_rules
from app.cli.commands import Add, Commands
from app.translation import translate


def add_commands(commands: Commands, add: Add) -> None:
    """``reconcile``, ``rules``, ``status``, ``sandbox``, ``demo``, ``journal`` and ``search``."""
    reconcile = add(
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
    add(rules, "show", translate("cli", "the rules as TOML"), matching_rules.show, True)
    tried = add(
        rules,
        "try",
        translate("cli", "what other rules would match of two sides; nothing is kept"),
        matching_rules.try_,
        True,
    )
    tried.add_argument("file", metavar="R.toml")
    tried.add_argument("left", metavar="LEFT")
    tried.add_argument("right", metavar="RIGHT")
    imported = add(
        rules,
        "import",
        translate("cli", "make these the company's rules"),
        matching_rules.import_,
        True,
    )
    imported.add_argument("file", metavar="R.toml")
    imported.add_argument("--reason", default="")

    _journal(commands, add)
    shown = add(commands, "status", translate("cli", "the four figures"), status.status, True)
    text = translate("cli", "over this time, by hour: 24h, 7d, 30d")
    shown.add_argument("--since", default="", metavar="T", help=text)

    sandbox = commands.add_parser(
        "sandbox", help=translate("cli", "the embedded ERP to try things on")
    ).add_subparsers(required=True, dest="what")
    serve = add(sandbox, "serve", translate("cli", "serve it on this machine"), demo.sandbox_serve)
    serve.add_argument("--port", type=int, default=8069)
    serve.add_argument("--country", choices=("MX", "CO"), default="MX")
    serve.add_argument("--per-minute", type=int, default=0)
    shown = add(commands, "demo", translate("cli", "the whole way on a sample"), demo.demo, True)
    shown.add_argument(
        "--no-window", action="store_true", help=translate("cli", "never open the window")
    )
    shown.add_argument(
        "--keep", metavar=translate("cli", "FOLDER"), help=translate("cli", "work in this folder")
    )


def _journal(commands: Commands, add: Add) -> None:
    parts = commands.add_parser(
        "journal", help=translate("cli", "what happened to each line")
    ).add_subparsers(required=True, dest="what")
    add(parts, "list", translate("cli", "list the imported files"), journal.journal_list, True)
    show = add(
        parts,
        "show",
        translate("cli", "the lines of a batch, or a document's story"),
        journal.journal_show,
        True,
    )
    show.add_argument("subject", metavar=translate("cli", "BATCH[:LINE]|FILE[:LINE]|REFERENCE"))
    proof = add(
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
    anchor = add(
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
    settled = add(
        parts,
        "settle",
        translate("cli", "settle a finding of verify, with a reason"),
        proving.journal_settle,
        True,
    )
    settled.add_argument("what_", choices=("anchors", "signatures"))
    settled.add_argument("--reason", required=True)
    add(
        parts,
        "rebuild",
        translate("cli", "build anew what is derived from the rest"),
        proving.journal_rebuild,
        True,
    )
    export = add(
        parts,
        "export",
        translate("cli", "write events to CSV, xlsx or JSON Lines"),
        journal.journal_export,
        True,
    )
    export.add_argument("file", metavar=translate("cli", "FILE"))
    wrong = add(
        parts,
        "findings",
        translate("cli", "write a batch's findings to xlsx"),
        journal.journal_findings,
        True,
    )
    wrong.add_argument("subject", metavar=translate("cli", "BATCH|FILE"))
    wrong.add_argument("file", metavar="F.xlsx")
    backup = add(
        parts,
        "backup",
        translate("cli", "copy the journal while it is in use"),
        journal.journal_backup,
        True,
    )
    backup.add_argument("file", metavar=translate("cli", "FILE"))
    restore = add(
        parts,
        "restore",
        translate("cli", "put a proven copy in its place"),
        journal.journal_restore,
        True,
    )
    restore.add_argument("file", metavar=translate("cli", "FILE"))
    compact = add(
        parts,
        "compact",
        translate("cli", "move settled old files to an archive"),
        journal.journal_compact,
        True,
    )
    compact.add_argument("--before", required=True, metavar="YYYY-MM-DD")
    compact.add_argument("archive", metavar="F.zip")
    search = add(
        commands,
        "search",
        translate("cli", "find by folio, tax id, amount or text"),
        journal.search_,
        True,
    )
    search.add_argument("text", nargs="+", metavar=translate("cli", "TEXT"))
    search.add_argument("--limit", type=int, default=50)
    add(
        parts,
        "recover",
        translate("cli", "save what a damaged journal still holds"),
        journal.journal_recover,
        True,
    )
