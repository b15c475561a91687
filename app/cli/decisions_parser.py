"""The arguments of what people decide: the queue, repeats, rules, people."""

from __future__ import annotations

from app.cli import company, moved, repeats
from app.cli.commands import Add, Commands
from app.company.policy import CHOICES
from app.journal.roles import Role
from app.translation import translate


def add_commands(commands: Commands, add: Add) -> None:
    """``queue``, ``approve``, ``company``, ``policy``, ``role`` and ``alerts``."""
    queue = commands.add_parser(
        "queue", help=translate("cli", "what is sent, and what to decide")
    ).add_subparsers(required=True, dest="what")
    listing = add(
        queue, "list", translate("cli", "why each document waits"), company.queue_list, True
    )
    listing.add_argument("--all", action="store_true", help=translate("cli", "confirmed ones too"))
    show = add(
        queue, "show", translate("cli", "ours beside the target's"), company.queue_show, True
    )
    retry = add(
        queue,
        "retry",
        translate("cli", "look it up and send it again"),
        company.queue_retry,
        True,
    )
    skip = add(
        queue, "skip", translate("cli", "never send it, with a reason"), company.queue_skip, True
    )
    link = add(
        queue,
        "link",
        translate("cli", "it is a document the target has"),
        company.queue_link,
        True,
    )
    corrected = add(
        queue,
        "corrected",
        translate("cli", "the target says by now what the newest file says"),
        company.queue_corrected,
        True,
    )
    shifted = add(
        queue,
        "moved",
        translate("cli", "what the target put on another day"),
        moved.moved_list,
        True,
    )
    back = add(
        queue,
        "back",
        translate("cli", "move it to its own day, once its period is open"),
        moved.moved_back,
        True,
    )
    back.add_argument("reference", nargs="?", default="", metavar=translate("cli", "REFERENCE"))
    back.add_argument("--reason", required=True)
    likely = add(
        queue,
        "repeats",
        translate("cli", "what was probably sent already under another reference"),
        repeats.repeats_list,
        True,
    )
    same = add(
        queue, "same", translate("cli", "they are there already"), repeats.repeats_same, True
    )
    other = add(queue, "other", translate("cli", "they are others"), repeats.repeats_other, True)
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
    approve = add(
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
    about = add(
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
    policy = add(
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
    add(role, "list", translate("cli", "list the people with roles"), company.role_list, True)
    give = add(
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
    add(
        alert,
        "check",
        translate("cli", "raise what is new, deliver it, list what stands"),
        company.alerts_check,
        True,
    )
    add(alert, "list", translate("cli", "where alerts go"), company.alerts_list, True)
    add(
        alert,
        "add",
        translate("cli", "one more address, read from the keyboard"),
        company.alerts_add,
        True,
    )
    add(alert, "clear", translate("cli", "forget every address"), company.alerts_clear, True)
    add(alert, "test", translate("cli", "send a test to every address"), company.alerts_test, True)
