"""The arguments of what goes on by itself: events, folders, jobs, schedules."""

from __future__ import annotations

import argparse

from app.agent.jobs import Job
from app.agent.schedule import Kind
from app.cli import contacts, doors, inbox, payments, schedule, work
from app.cli.commands import Add, Commands
from app.inbox.contacts.owners import Side
from app.inbox.policies import Data
from app.journal.inbox import State
from app.translation import translate
from connectors import Kind as RemoteKind
from connectors.webhooks import SCHEMES


def add_commands(commands: Commands, add: Add) -> None:
    """``folder``, ``work``, ``inbox``, ``door``, ``serve``, ``jobs``, ``sync``, ``schedule``,
    ``contacts`` and ``payments``.
    """
    _folders(commands, add)
    _work(commands, add)
    _inbox(commands, add)
    _doors(commands, add)
    _jobs(commands, add)
    _schedule(commands, add)
    _contacts(commands, add)
    _payments(commands, add)


def _group(commands: Commands, name: str, text: str) -> Commands:
    return commands.add_parser(name, help=text).add_subparsers(required=True, dest="what")


def _folders(commands: Commands, add: Add) -> None:
    text = translate("cli", "folders whose files are imported by themselves")
    steps = _group(commands, "folder", text)
    name = translate("cli", "FOLDER")
    more = add(steps, "add", translate("cli", "watch a folder"), work.folder_add, True)
    more.add_argument("folder", metavar=name)
    more.add_argument(
        "--source", default="", help=translate("cli", "the branch or series its files are of")
    )
    text = translate("cli", "the folders, and how far each file is")
    add(steps, "list", text, work.folder_list, True)
    remove = add(steps, "remove", translate("cli", "watch it no more"), work.folder_remove, True)
    remove.add_argument("folder", metavar=name)


def _work(commands: Commands, add: Add) -> None:
    text = translate("cli", "folders, events, sending and alerts, by themselves")
    rounds = add(commands, "work", text, work.work, True)
    rounds.add_argument(
        "--once", action="store_true", help=translate("cli", "one round, for a scheduler")
    )
    rounds.add_argument(
        "--job",
        action="append",
        default=[],
        choices=tuple(job.value for job in Job),
        help=translate("cli", "only this; may be given several times"),
    )
    _what_is_sent(rounds)


def _what_is_sent(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--send",
        action="append",
        default=[],
        metavar=translate("cli", "NAME"),
        help=translate("cli", "send what is ready to this connection; may be given several times"),
    )
    parser.add_argument(
        "--documents",
        action="store_true",
        help=translate("cli", "invoices, credit notes, payments and their files too"),
    )


def _inbox(commands: Commands, add: Add) -> None:
    steps = _group(commands, "inbox", translate("cli", "events that came in"))
    number, name = translate("cli", "NUMBER"), translate("cli", "NAME")
    text = translate("cli", "the newest, and how many are in each state")
    shown = add(steps, "list", text, inbox.show_list, True)
    shown.add_argument(
        "--state", action="append", default=[], choices=tuple(state.value for state in State)
    )
    shown.add_argument("--connection", default="", metavar=name)
    shown.add_argument("--limit", type=int, default=50)
    one = add(steps, "show", translate("cli", "one, with its body"), inbox.show_one, True)
    one.add_argument("number", type=int, metavar=number)
    text = translate("cli", "look again at what was set apart; without a number at all of it")
    again = add(steps, "retry", text, inbox.retry, True)
    again.add_argument("numbers", type=int, nargs="*", metavar=number)
    over = add(steps, "skip", translate("cli", "it is of no use"), inbox.skip, True)
    over.add_argument("number", type=int, metavar=number)
    over.add_argument("reason", metavar=translate("cli", "REASON"))
    text = translate("cli", "look again at all that came in between; today's state is read")
    replayed = add(steps, "replay", text, inbox.replay, True)
    replayed.add_argument("--since", required=True, metavar="T")
    replayed.add_argument("--until", default="", metavar="T")
    replayed.add_argument("--connection", default="", metavar=name)
    replayed.add_argument("--kind", default="", metavar="K")
    text = translate("cli", "forget what was read of a connection and read all of it anew")
    anew = add(steps, "rebuild", text, inbox.rebuild, True)
    anew.add_argument("connection", metavar=name)
    text = translate("cli", "empty the bodies of all that came about a record")
    erased = add(steps, "erase", text, inbox.erase, True)
    erased.add_argument("connection", metavar=name)
    erased.add_argument("record", metavar="K")
    erased.add_argument("remote_id", metavar="ID")
    erased.add_argument("reason", metavar=translate("cli", "REASON"))
    text = translate("cli", "look at a record of a connection now")
    looked = add(steps, "look", text, inbox.look, True)
    looked.add_argument("connection", metavar=name)
    looked.add_argument("record", choices=tuple(kind.value for kind in RemoteKind))
    looked.add_argument("remote_id", metavar="ID")


def _doors(commands: Commands, add: Add) -> None:
    text = translate("cli", "secret addresses at which vendors' events arrive")
    steps = _group(commands, "door", text)
    vendors = tuple(sorted(SCHEMES))
    name = translate("cli", "NAME")
    made = add(steps, "add", translate("cli", "open one"), doors.add, True)
    made.add_argument("connection", metavar=name)
    made.add_argument("vendor", choices=vendors)
    made.add_argument(
        "--url", default="", help=translate("cli", "the public address it is behind (https://…)")
    )
    text = translate("cli", "read the vendor's signing key from standard input")
    made.add_argument("--key-stdin", action="store_true", help=text)
    text = translate("cli", "take a new key from standard input; the old one counts two days more")
    changed = add(steps, "key", text, doors.change_key, True)
    changed.add_argument("connection", metavar=name)
    changed.add_argument("vendor", choices=vendors)
    add(steps, "list", translate("cli", "those that are open"), doors.show_list, True)
    closed = add(steps, "close", translate("cli", "close one"), doors.close, True)
    closed.add_argument("id", metavar="ID")
    text = translate("cli", "receive the events vendors send")
    served = add(commands, "serve", text, doors.serve)
    served.add_argument("--listen", default="127.0.0.1:8770", metavar="HOST:PORT")


def _jobs(commands: Commands, add: Add) -> None:
    steps = _group(commands, "jobs", translate("cli", "what goes on by itself, and when"))
    add(steps, "list", translate("cli", "each with its rule"), schedule.jobs_list, True)
    changed = add(steps, "set", translate("cli", "do it by another rule"), schedule.jobs_set, True)
    changed.add_argument("job", choices=tuple(job.value for job in Job))
    changed.add_argument(
        "rule", metavar=translate("cli", "RULE"), help="every 10 min · daily 06:30 · never …"
    )
    changed.add_argument("--zone", default="", metavar="Z", help="America/Mexico_City …")
    text = translate("cli", "an address fetched after each good round, read from standard input")
    add(steps, "deadman", text, schedule.deadman_set, True)
    steps = _group(commands, "sync", translate("cli", "how often targets are asked what changed"))
    add(steps, "list", translate("cli", "of every connection"), schedule.sync_list, True)
    often = add(steps, "set", translate("cli", "another interval"), schedule.sync_set, True)
    often.add_argument("connection", metavar=translate("cli", "NAME"))
    often.add_argument("data", choices=tuple(data.value for data in Data))
    often.add_argument("minutes", type=float, help=translate("cli", "0: never"))


def _schedule(commands: Commands, add: Add) -> None:
    text = translate("cli", "the task or service that starts the work by itself")
    steps = _group(commands, "schedule", text)
    text = translate("cli", "write its file, to be registered by hand")
    written = add(steps, "write", text, schedule.write, True)
    _task(written)
    written.add_argument("--out", required=True, metavar=translate("cli", "FILE"))
    _task(add(steps, "install", translate("cli", "register it"), schedule.install, True))
    text = translate("cli", "what is registered, and when each job was done last")
    add(steps, "list", text, schedule.show_list, True)
    gone = add(steps, "remove", translate("cli", "take it out"), schedule.remove, True)
    gone.add_argument("name", nargs="?", default="", metavar=translate("cli", "NAME"))
    text = translate("cli", "check as this account all that the work needs")
    add(steps, "test", text, schedule.test, True)


def _task(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", choices=tuple(kind.value for kind in Kind))
    parser.add_argument(
        "--user", default="", help=translate("cli", "the account it runs under; yours without it")
    )
    parser.add_argument(
        "--command", default="", help=translate("cli", "the program, where it is not this one")
    )
    _what_is_sent(parser)


def _contacts(commands: Commands, add: Add) -> None:
    text = translate("cli", "contacts of a CRM and an ERP kept the same, each field by its owner")
    steps = _group(commands, "contacts", text)
    for name, said, run in (
        ("link", translate("cli", "keep them the same"), contacts.link),
        ("unlink", translate("cli", "keep them the same no more"), contacts.unlink),
        ("sync", translate("cli", "compare them now"), contacts.sync),
        ("settle", translate("cli", "what is gone or merged is settled"), contacts.settle),
        ("pairs", translate("cli", "which are one"), contacts.show_pairs),
        ("pair", translate("cli", "two of them are one"), contacts.join),
        ("apart", translate("cli", "two of them are two"), contacts.keep_apart),
    ):
        made = add(steps, name, said, run, True)
        made.add_argument("crm", metavar="CRM")
        made.add_argument("erp", metavar="ERP")
        if name == "settle":
            made.add_argument("reason", metavar=translate("cli", "REASON"))
        if name == "sync":
            again = translate("cli", "try once more what was refused")
            made.add_argument("--again", action="store_true", help=again)
        if name in ("pair", "apart"):
            made.add_argument("crm_id", metavar="CRM_ID")
            made.add_argument("erp_id", metavar="ERP_ID")
    text = translate("cli", "what is kept the same, and who owns which field")
    add(steps, "list", text, contacts.show_list, True)
    owned = add(steps, "owner", translate("cli", "say who owns a field"), contacts.owner, True)
    owned.add_argument("field", metavar=translate("cli", "FIELD"))
    owned.add_argument("owner", choices=tuple(side.value for side in Side))
    owned.add_argument("--stays", action="store_true", help=translate("cli", "it does not flow"))
    text = translate("cli", "put back what the other side changed, instead of reporting it")
    owned.add_argument("--restore", action="store_true", help=text)


def _payments(commands: Commands, add: Add) -> None:
    text = translate("cli", "payouts of a wallet, proposed as vouchers")
    steps = _group(commands, "payments", text)
    name, number = translate("cli", "NAME"), translate("cli", "NUMBER")
    ruled = add(steps, "rule", translate("cli", "how they are booked"), payments.rule, True)
    ruled.add_argument("connection", metavar=name)
    for option, said in (
        ("--bank", translate("cli", "account of the bank they arrive at")),
        ("--fees", translate("cli", "account of the wallet's fees")),
        ("--customers", translate("cli", "account of what customers owed")),
    ):
        ruled.add_argument(option, required=True, metavar=translate("cli", "ACCOUNT"), help=said)
    ruled.add_argument("--journal-name", default="Ingresos", metavar=name)
    shown = add(steps, "list", translate("cli", "what is proposed"), payments.show_list, True)
    shown.add_argument("--all", action="store_true", help=translate("cli", "what is over too"))
    taken = add(steps, "accept", translate("cli", "book one"), payments.accept, True)
    taken.add_argument("number", type=int, metavar=number)
    text = translate("cli", "let one be over")
    over = add(steps, "dismiss", text, payments.dismiss, True)
    over.add_argument("number", type=int, metavar=number)
    over.add_argument("reason", metavar=translate("cli", "REASON"))
