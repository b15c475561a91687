"""The systems a connection can lead to, and what a person has to say about each. Data only; the
connectors are made in :mod:`app.company.connecting`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.translation import QT_TRANSLATE_NOOP


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


@dataclass(frozen=True, slots=True)
class System:
    """``url`` is the vendor's own address, empty where each company has one; ``user``, ``database``
    and ``secret`` are the words for what is asked, empty where it is not. ``per_minute`` and
    ``per_day`` are what the vendor allows (0: it says nothing). ``needs_client_secret`` is for
    vendors that want one even from a desktop.
    """

    name: str
    title: str
    url: str = ""
    user: str = ""
    database: str = ""
    secret: str = QT_TRANSLATE_NOOP("systems", "Password or API key")
    sign_in: SignIn = SignIn.SECRET
    needs_client_secret: bool = False
    options: Sequence[Option] = ()
    per_minute: int = 0
    per_day: int = 0

    @property
    def by_browser(self) -> bool:
        return self.sign_in is SignIn.BROWSER


_USER = QT_TRANSLATE_NOOP("systems", "User")
_CLIENT = Option("client_id", QT_TRANSLATE_NOOP("systems", "Client id of your app"), required=True)
_YES_OR_NO = ("no", "yes")

_KNOWN = (
    System(
        "odoo",
        "Odoo",
        user=_USER,
        database=QT_TRANSLATE_NOOP("systems", "Database"),
        secret=QT_TRANSLATE_NOOP("systems", "API key"),
    ),
    System("sandbox", "Sandbox", user=_USER, secret=QT_TRANSLATE_NOOP("systems", "Password")),
    System(
        "holded",
        "Holded",
        "https://api.holded.com",
        secret=QT_TRANSLATE_NOOP("systems", "API key or token"),
        options=(
            Option("version", QT_TRANSLATE_NOOP("systems", "Version of the API"), ("1", "2")),
            Option("approve", QT_TRANSLATE_NOOP("systems", "Approve documents"), _YES_OR_NO),
        ),
        per_minute=60,
    ),
    System(
        "hubspot",
        "HubSpot",
        "https://api.hubapi.com",
        secret=QT_TRANSLATE_NOOP("systems", "Token of the private app"),
        per_minute=600,
    ),
    System(
        "sage",
        "Sage Accounting",
        "https://api.accounting.sage.com",
        sign_in=SignIn.BROWSER,
        needs_client_secret=True,
        secret=QT_TRANSLATE_NOOP("systems", "Client secret of your app"),
        options=(
            _CLIENT,
            Option("business", QT_TRANSLATE_NOOP("systems", "Business id"), required=True),
        ),
        per_minute=60,
    ),
    System(
        "sap_b1",
        "SAP Business One",
        user=_USER,
        database=QT_TRANSLATE_NOOP("systems", "Company database"),
        secret=QT_TRANSLATE_NOOP("systems", "Password"),
        options=(
            Option("udf", QT_TRANSLATE_NOOP("systems", "User field for our reference (U_…)")),
            Option(
                "version", QT_TRANSLATE_NOOP("systems", "Version of the Service Layer"), ("1", "2")
            ),
            Option("certificate", QT_TRANSLATE_NOOP("systems", "Pinned certificate (PEM)")),
        ),
    ),
    System(
        "siigo",
        "Siigo Nube",
        "https://api.siigo.com",
        user=QT_TRANSLATE_NOOP("systems", "User of the API (e-mail)"),
        secret=QT_TRANSLATE_NOOP("systems", "Access key"),
        options=(
            Option("stamp", QT_TRANSLATE_NOOP("systems", "Send invoices to the DIAN"), _YES_OR_NO),
            Option("seller", QT_TRANSLATE_NOOP("systems", "Id of the seller"), number=True),
            Option(
                "payment", QT_TRANSLATE_NOOP("systems", "Id of the way of payment"), number=True
            ),
        ),
        per_minute=100,
    ),
    System(
        "stripe",
        "Stripe",
        "https://api.stripe.com",
        secret=QT_TRANSLATE_NOOP("systems", "Restricted key (read only)"),
    ),
    System(
        "xero",
        "Xero",
        "https://api.xero.com",
        sign_in=SignIn.BROWSER,
        options=(
            _CLIENT,
            Option(
                "tenant", QT_TRANSLATE_NOOP("systems", "Organisation (tenant id)"), required=True
            ),
            Option("draft", QT_TRANSLATE_NOOP("systems", "Leave documents as drafts"), _YES_OR_NO),
        ),
        per_minute=60,
        per_day=1000,
    ),
    System(
        "zoho",
        "Zoho Books",
        "https://www.zohoapis.com",
        sign_in=SignIn.BROWSER,
        options=(
            _CLIENT,
            Option("organization", QT_TRANSLATE_NOOP("systems", "Organisation id"), required=True),
            Option("accounts", QT_TRANSLATE_NOOP("systems", "Address of the log-in (data centre)")),
            Option("unique_field", QT_TRANSLATE_NOOP("systems", "Unique field of contacts (cf_…)")),
        ),
        per_minute=80,
    ),
)
SYSTEMS: Mapping[str, System] = {system.name: system for system in _KNOWN}


def missing(system: System, options: Mapping[str, str]) -> list[Option]:
    """What has to be said and was not."""
    return [option for option in system.options if option.required and not options.get(option.name)]
