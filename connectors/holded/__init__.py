"""Connectors to Holded: version 1 of its API by an API key, version 2 by a personal token."""

from __future__ import annotations

from connectors.contract import DocumentConnector
from connectors.holded.v1 import HoldedV1Connector
from connectors.holded.v2 import HoldedV2Connector
from connectors.transport import Transport
from connectors.vendor import YES_OR_NO, Access, KeepsTokens, Option, Vendor
from connectors.wording import QT_TRANSLATE_NOOP

URL = "https://api.holded.com"


def _make(transport: Transport, access: Access, _: KeepsTokens) -> DocumentConnector:
    made = HoldedV2Connector if access.option("version") == "2" else HoldedV1Connector
    return made(transport, access.secret, access.option("approve") == "yes")


VENDOR = Vendor(
    name="holded",
    title="Holded",
    make=_make,
    url=URL,
    secret=QT_TRANSLATE_NOOP("systems", "API key or token"),
    options=(
        Option("version", QT_TRANSLATE_NOOP("systems", "Version of the API"), ("1", "2")),
        Option("approve", QT_TRANSLATE_NOOP("systems", "Approve documents"), YES_OR_NO),
    ),
    limits={
        "no-native-guard": QT_TRANSLATE_NOOP(
            "limits", "It takes the same document twice without a word: let one sender write to it."
        ),
        "holded-no-party": QT_TRANSLATE_NOOP(
            "limits", "Lines of an entry name no party: the party is an account of its own there."
        ),
        "holded-month": QT_TRANSLATE_NOOP(
            "limits",
            "The plan allows so many calls a month: what is left of them is a stop, not a wait.",
        ),
        "holded-nobody": QT_TRANSLATE_NOOP(
            "limits",
            "It does not say whose key it is nor of which company: compare the chart of accounts.",
        ),
        "holded-inferred": QT_TRANSLATE_NOOP(
            "limits",
            "How version 2 takes entries and payments is inferred from version 1: try one by hand"
            " first.",
        ),
        "holded-no-accounts": QT_TRANSLATE_NOOP(
            "limits", "Lines of a document go without an account: its default is taken."
        ),
        "drafts-until-approved": QT_TRANSLATE_NOOP(
            "limits", "Documents are left as drafts unless the option approve=yes is set."
        ),
    },
    per_minute=60,
)


__all__ = ["URL", "VENDOR", "HoldedV1Connector", "HoldedV2Connector"]
