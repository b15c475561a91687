"""The commands and their arguments."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence

from app.cli import (
    books_parser,
    decisions_parser,
    files_parser,
    targets_parser,
    unattended_parser,
    upkeep_parser,
)
from app.cli.commands import Commands
from app.company.program import program_version
from app.company.settings import JOURNAL_VARIABLE
from app.translation import LANGUAGES, QT_TRANSLATE_NOOP, set_language, system_language, translate

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
    parser.add_argument(
        "--version",
        action="version",
        version=f"Cuadre {program_version()}",
        help=translate("cli", "say which version this is"),
    )
    _shared(parser, top=True)
    parser.set_defaults(run=_window)
    commands = parser.add_subparsers(metavar=translate("cli", "COMMAND"))
    files_parser.add_commands(commands, _add)
    unattended_parser.add_commands(commands, _add)
    files_parser.add_layouts(commands, _add)
    targets_parser.add_commands(commands, _add)
    decisions_parser.add_commands(commands, _add)
    books_parser.add_commands(commands, _add)
    upkeep_parser.add_commands(commands, _add)
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


def _add(
    commands: Commands,
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
