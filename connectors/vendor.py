"""What a system says of itself: what a person has to say to reach it, what one has to know of it
before sending, and how its connector is made.

Each package of a system has one :class:`Vendor`, called ``VENDOR``; :mod:`connectors.systems`
collects them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit, urlunsplit

from connectors.contract import DocumentConnector
from connectors.oauth import Provider, Tokens
from connectors.transport import Transport
from connectors.wording import QT_TRANSLATE_NOOP

YES_OR_NO = ("no", "yes")
USER = QT_TRANSLATE_NOOP("systems", "User")
PASSWORD = QT_TRANSLATE_NOOP("systems", "Password")


class SignIn(StrEnum):
    """By what a person proves who they are."""

    SECRET = "secret"
    BROWSER = "browser"


@dataclass(frozen=True, slots=True)
class Option:
    """One more thing to say. ``choices`` are all there is, the first one if nothing is said;
    without any it is text.
    """

    name: str
    text: str
    choices: tuple[str, ...] = ()
    required: bool = False
    number: bool = False


CLIENT_ID = Option(
    "client_id", QT_TRANSLATE_NOOP("systems", "Client id of your app"), required=True
)


@dataclass(frozen=True, slots=True)
class Access:
    """What was said to reach one company: its address, the names, the ``secret`` (a refresh token
    where the log-in is by browser, with ``client_secret`` where the vendor wants one), the options.
    """

    url: str
    database: str = ""
    user: str = ""
    secret: str = ""
    client_secret: str = ""
    options: Mapping[str, str] = field(default_factory=dict)

    def option(self, name: str) -> str:
        return self.options.get(name, "")


KeepsTokens = Callable[[Provider, str], Tokens]
"""From a provider and the scheme of its header to tokens that are kept as they rotate."""
Make = Callable[[Transport, Access, KeepsTokens], DocumentConnector]


@dataclass(frozen=True, slots=True)
class Polling:
    """How often its changes may be asked for, and how late they may show, all in seconds.
    ``every`` is between two readings of documents, ``overlap`` how far back each reads again,
    ``settle`` how long a change may take to be found.
    """

    every: float = 300.0
    overlap: float = 600.0
    settle: float = 0.0


@dataclass(frozen=True, slots=True)
class Vendor:
    """``url`` is the vendor's own address, empty where each company has one; ``user``, ``database``
    and ``secret`` are the words for what is asked, empty where it is not. ``limits`` is what a
    person has to know before sending, by the codes its capabilities use. ``company_by`` names what
    tells one company of the system from another besides address and database (``user`` or options).
    ``per_minute`` and ``per_day`` are what the vendor allows (0: it says nothing). ``provider`` is
    where the log-in by browser is; ``needs_client_secret`` for vendors that want one even from a
    desktop, ``may_have_client_secret`` for those where the kind of app decides. ``pages`` are
    the paths under which people see it in the browser, which are no part of its address.
    ``dimensions`` is what its connectors' capabilities say, for who asks without a connection;
    ``polling`` how often it may be asked for changes.
    """

    name: str
    title: str
    make: Make
    url: str = ""
    user: str = ""
    database: str = ""
    secret: str = QT_TRANSLATE_NOOP("systems", "Password or API key")
    options: Sequence[Option] = ()
    limits: Mapping[str, str] = field(default_factory=dict)
    company_by: tuple[str, ...] = ()
    per_minute: int = 0
    per_day: int = 0
    provider: Callable[[Access], Provider] | None = None
    pages: tuple[str, ...] = ()
    dimensions: bool = False
    needs_client_secret: bool = False
    may_have_client_secret: bool = False
    polling: Polling = Polling()

    @property
    def has_client_secret(self) -> bool:
        return self.needs_client_secret or self.may_have_client_secret

    @property
    def asks_secret(self) -> bool:
        return not self.by_browser or self.has_client_secret

    @property
    def by_browser(self) -> bool:
        return self.provider is not None

    def address(self, url: str) -> str:
        """The address without what a person copied along from the browser."""
        parts = urlsplit(url)
        first = parts.path.strip("/").partition("/")[0]
        if first not in self.pages:
            return url
        return urlunsplit(parts._replace(path="", query="", fragment=""))

    def missing(self, options: Mapping[str, str]) -> list[Option]:
        """What has to be said and was not."""
        return [
            option for option in self.options if option.required and not options.get(option.name)
        ]

    def company_of(self, access: Access) -> tuple[str, ...]:
        """What tells this company of the system from every other."""
        said = {"user": access.user, **access.options}
        return (access.url, access.database, *(said.get(name, "") for name in self.company_by))
