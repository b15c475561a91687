"""Who signed a delivery, and what it hints at: values computed with the vendors' own SDKs."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.webhooks import SCHEMES, BadBody, BadSignature, Delivery, Notice
from connectors.webhooks.delivery import DEEPEST, parsed
from tests.conftest import DATA

EVENTS = DATA / "events"
VECTORS: dict[str, dict[str, Any]] = json.loads((EVENTS / "signature_vectors.json").read_text())
AT = 1767225605.0
URL = "https://hooks.example.mx/in/hubspot"


def loaded(name: str) -> Any:
    return json.loads((EVENTS / name).read_text())


def stripe() -> Delivery:
    vector = VECTORS["stripe"]
    return Delivery(vector["body"].encode(), {"stripe-signature": vector["header"]}, "", AT)


def hubspot(name: str = "hubspot_v3_plain", signature: str = "signature") -> Delivery:
    vector = VECTORS[name]
    headers = {
        "x-hubspot-signature-v3": vector[signature],
        "x-hubspot-request-timestamp": vector["timestamp"],
    }
    body = VECTORS["hubspot_v3"]["body"].encode()
    return Delivery(body, headers, vector["uri"], AT)


def xero(name: str = "xero") -> Delivery:
    vector = VECTORS[name]
    return Delivery(vector["body"].encode(), {"x-xero-signature": vector["signature"]}, "", AT)


def quickbooks() -> Delivery:
    vector = VECTORS["quickbooks"]
    return Delivery(vector["body"].encode(), {"intuit-signature": vector["signature"]}, "", AT)


def shopify() -> Delivery:
    vector, headers = VECTORS["shopify"], loaded("shopify_headers.json")
    lower = {name.lower(): value for name, value in headers.items()}
    assert lower["x-shopify-hmac-sha256"] == vector["signature"]
    return Delivery(vector["body"].encode(), lower, "", AT)


def standard() -> Delivery:
    vector = VECTORS["standard_webhooks"]
    headers = {
        "webhook-id": vector["id"],
        "webhook-timestamp": vector["timestamp"],
        "webhook-signature": vector["signature"],
    }
    return Delivery(vector["body"].encode(), headers, "", AT)


SIGNED: Mapping[str, tuple[str, Callable[[], Delivery], str, str]] = {
    "stripe": ("stripe", stripe, "stripe-signature", VECTORS["stripe"]["secret"]),
    "hubspot": (
        "hubspot",
        hubspot,
        "x-hubspot-signature-v3",
        VECTORS["hubspot_v3"]["secret"],
    ),
    "xero": ("xero", xero, "x-xero-signature", VECTORS["xero"]["secret"]),
    "xero, intent to receive": (
        "xero",
        lambda: xero("xero_itr"),
        "x-xero-signature",
        VECTORS["xero_itr"]["secret"],
    ),
    "quickbooks": (
        "quickbooks",
        quickbooks,
        "intuit-signature",
        VECTORS["quickbooks"]["secret"],
    ),
    "shopify": ("shopify", shopify, "x-shopify-hmac-sha256", VECTORS["shopify"]["secret"]),
    "standard": (
        "standard",
        standard,
        "webhook-signature",
        VECTORS["standard_webhooks"]["secret"],
    ),
}
TIMED = ("stripe", "hubspot", "standard")


def checked(vendor: str, delivery: Delivery, *keys: str) -> None:
    check = SCHEMES[vendor].check
    assert check is not None
    check(delivery, keys)


def hinted(vendor: str, body: object, at: float = AT, **headers: str) -> list[Notice]:
    raw = json.dumps(body).encode()
    delivery = Delivery(raw, {k.replace("_", "-"): v for k, v in headers.items()}, "", at)
    return list(SCHEMES[vendor].notices(delivery, parsed(raw)))


@pytest.fixture(params=SIGNED, ids=list(SIGNED))
def signed(request: pytest.FixtureRequest) -> tuple[str, Delivery, str, str]:
    vendor, make, header, key = SIGNED[request.param]
    return vendor, make(), header, key


def test_what_the_vendor_signed_is_taken(signed: tuple[str, Delivery, str, str]) -> None:
    vendor, delivery, _, key = signed
    checked(vendor, delivery, key)
    checked(vendor, delivery, "another key", key)


@pytest.mark.parametrize(
    "forge",
    [
        lambda raw: raw[:-1] + bytes([raw[-1] ^ 1]),
        lambda raw: raw + b"\n",
        lambda raw: json.dumps(json.loads(raw), indent=1).encode(),
        lambda raw: b"",
        lambda raw: b"\xff\xfe" + raw,
    ],
    ids=["a byte changed", "a line end added", "written again", "nothing", "not UTF-8"],
)
def test_a_body_that_was_touched_is_refused(
    signed: tuple[str, Delivery, str, str], forge: Callable[[bytes], bytes]
) -> None:
    vendor, delivery, _, key = signed
    with pytest.raises(BadSignature):
        checked(vendor, replace(delivery, body=forge(delivery.body)), key)


@pytest.mark.parametrize(
    "forge",
    [
        lambda _: "",
        lambda text: f"{text},{text}" if "t=" in text else f"{text}, {text}",
        lambda text: "A" * 200_000,
        lambda text: text.swapcase(),
        lambda text: text[:-1],
        lambda text: "é" + text,
    ],
    ids=["empty", "twice", "200 kB", "case", "cut", "not ASCII"],
)
def test_a_header_that_was_touched_is_refused(
    signed: tuple[str, Delivery, str, str], forge: Callable[[str], str]
) -> None:
    vendor, delivery, header, key = signed
    forged = forge(delivery.headers[header])
    if vendor == "standard" and forged.count("v1,") == 2:
        pytest.skip("a list of signatures may hold one twice")
    with pytest.raises(BadSignature):
        checked(vendor, replace(delivery, headers={**delivery.headers, header: forged}), key)


def test_an_absent_header_and_another_key_are_refused(
    signed: tuple[str, Delivery, str, str],
) -> None:
    vendor, delivery, header, key = signed
    with pytest.raises(BadSignature):
        bare = {name: value for name, value in delivery.headers.items() if name != header}
        checked(vendor, replace(delivery, headers=bare), key)
    for keys in ([], [""], [key + "x"], ["whsec_AAAA"]):
        with pytest.raises(BadSignature):
            checked(vendor, delivery, *keys)


@pytest.mark.parametrize("vendor", TIMED)
@pytest.mark.parametrize(
    ("late", "is_taken"), [(300, True), (301, False), (-300, True), (-301, False)]
)
def test_a_signed_instant_far_from_ours_is_refused_and_says_by_how_much(
    vendor: str, late: float, is_taken: bool
) -> None:
    _, make, _, key = SIGNED[vendor]
    delivery = make()
    exact = AT + (0.123 if vendor == "hubspot" else 0)
    moved = replace(delivery, at=exact + late)
    if is_taken:
        checked(vendor, moved, key)
        return
    with pytest.raises(BadSignature) as caught:
        checked(vendor, moved, key)
    assert caught.value.late == pytest.approx(late, abs=0.001)


def test_any_of_several_signatures_of_stripe_counts() -> None:
    delivery, key = stripe(), VECTORS["stripe"]["secret"]
    stamp, _, right = delivery.headers["stripe-signature"].partition(",")
    both = f"{stamp},v1={'0' * 64},{right},v0=abc"
    checked("stripe", replace(delivery, headers={"stripe-signature": both}), key)


def test_hubspot_decodes_exactly_what_its_page_says_and_takes_what_its_kits_do() -> None:
    key = VECTORS["hubspot_v3"]["secret"]
    checked("hubspot", hubspot("hubspot_v3"), key)
    checked("hubspot", hubspot("hubspot_v3", "signature_without_decoding"), key)
    with pytest.raises(BadSignature):
        checked("hubspot", replace(hubspot("hubspot_v3"), url=URL), key)
    url = "https://h.example/in?a=%20b%2F%3Bc%22"
    stamp = VECTORS["hubspot_v3"]["timestamp"]
    text = f"POSThttps://h.example/in?a=%20b/;c%22{{}}{stamp}".encode()
    mac = base64.b64encode(hmac.new(b"k", text, hashlib.sha256).digest()).decode()
    headers = {"x-hubspot-signature-v3": mac, "x-hubspot-request-timestamp": stamp}
    checked("hubspot", Delivery(b"{}", headers, url, AT), "k")


def test_repeats_of_one_event_have_one_key_and_other_events_another() -> None:
    one, other, third = hinted("hubspot", loaded("hubspot_batch_reordered.json"))
    (again,) = hinted(
        "hubspot", [{**loaded("hubspot_batch_reordered.json")[0], "attemptNumber": 7}]
    )
    assert len({one.dedup, other.dedup, third.dedup}) == 3 and again.dedup == one.dedup
    assert {hint.remote_id for hint in (one, other, third)} == {"501"}
    assert one.occurred_at == datetime(2026, 1, 1, 0, 1, 0, 500_000, UTC)
    first, second, repeat = (
        hinted("stripe", event)[0] for event in loaded("stripe_events.json")["deliveries"]
    )
    assert first.dedup == repeat.dedup != second.dedup


def test_a_merge_hints_at_the_record_that_is_left_and_names_the_others() -> None:
    merge, deletion, private = hinted("hubspot", loaded("hubspot_merge_delete.json"))
    assert (merge.remote_id, merge.merged) == ("777", ("502", "501"))
    assert (deletion.kind, deletion.remote_id) == ("contact.deletion", "503")
    assert (private.kind, private.remote_id) == ("contact.privacyDeletion", "504")
    merged, updated = hinted("quickbooks", loaded("quickbooks_cloudevents.json"))
    assert (merged.record, merged.remote_id, merged.merged) == ("contact", "123", ("27",))
    assert (updated.record, updated.remote_id) == ("invoice", "95")


def test_xero_counts_what_it_sends() -> None:
    sequence = SCHEMES["xero"].sequence
    assert [sequence(one) for one in loaded("xero_gap.json")["deliveries"]] == [(41, 41), (44, 44)]
    assert sequence(json.loads(VECTORS["xero_itr"]["body"])) is None


HINTS = loaded("unsigned_hints.json")


@pytest.mark.parametrize(
    ("vendor", "body", "record", "remote_id"),
    [
        ("odoo", HINTS["odoo_webhook_action"], "document", "812"),
        ("siigo", HINTS["siigo_products"], "product", HINTS["siigo_products"]["id"]),
        ("zoho_crm", HINTS["zoho_crm_notification"], "contact", "4000000000001"),
        ("zoho", {"invoice": {"invoice_id": "17", "total": 5}}, "invoice", "17"),
        ("alegra", {"subject": "new-client", "message": {"client": {"id": 5}}}, "contact", "5"),
    ],
)
def test_unsigned_vendors_hint_at_a_record(
    vendor: str, body: object, record: str, remote_id: str
) -> None:
    (hint,) = hinted(vendor, body)
    assert (hint.record, hint.remote_id) == (record, remote_id)
    (soon,), (later,) = hinted(vendor, body, AT + 10), hinted(vendor, body, AT + 1200)
    assert soon.dedup == hint.dedup != later.dedup


@pytest.mark.parametrize(
    ("vendor", "body"),
    [
        ("stripe", {"id": "evt_1"}),
        ("stripe", []),
        ("hubspot", {"eventId": 1}),
        ("hubspot", [1, 2]),
        ("xero", {"events": {}}),
        ("standard", {"type": "contact.updated", "data": {}}),
        ("odoo", {"_id": 5}),
        ("zoho_crm", {"module": "Contacts", "ids": "5"}),
        ("zoho", {"invoice": 5}),
        ("siigo", {"topic": True, "id": "x"}),
    ],
)
def test_a_body_that_is_not_the_vendors_is_told(vendor: str, body: object) -> None:
    headers = {"webhook_id": "m"} if vendor == "standard" else {}
    with pytest.raises(BadBody):
        hinted(vendor, body, **headers)


@pytest.mark.parametrize(
    ("vendor", "body", "good"),
    [
        ("hubspot", [{"subscriptionType": "contact.associationChange"}], 0),
        (
            "hubspot",
            [
                {"subscriptionType": "contact.creation", "objectId": 5, "mergedObjectIds": 5},
                {"subscriptionType": "contact.associationChange", "fromObjectId": 1},
                {"subscriptionType": "contact.creation", "objectId": 6, "occurredAt": 10**400},
            ],
            2,
        ),
        ("quickbooks", [{"id": "1"}, loaded("quickbooks_cloudevents.json")[1]], 1),
        ("xero", {"events": [{}, loaded("xero_gap.json")["deliveries"][0]["events"][0]]}, 1),
    ],
)
def test_one_event_nobody_understands_leaves_the_others(vendor: str, body: Any, good: int) -> None:
    found = hinted(vendor, body)
    events = body["events"] if vendor == "xero" else body
    assert len(found) == len(events)
    assert sum(1 for one in found if one.record) == good
    assert all(one.body for one in found)


def test_instants_are_compared_in_one_zone() -> None:
    event = {"type": "contact.updated", "timestamp": "2026-01-01T12:30:00+05:30", "data": {"id": 1}}
    (hint,) = hinted("standard", event, webhook_id="m")
    assert hint.occurred_at == datetime(2026, 1, 1, 7, 0, tzinfo=UTC)
    assert hint.occurred_at is not None and hint.occurred_at.utcoffset() == timedelta()


def test_more_ids_than_zoho_sends_are_nobodys() -> None:
    body = {"module": "Contacts", "ids": [str(n) for n in range(101)]}
    with pytest.raises(BadBody):
        hinted("zoho_crm", body)
    few = hinted("zoho_crm", {**body, "ids": body["ids"][:100]})
    assert len(few) == 100 and all(len(one.body) < 100 for one in few)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"_id": "\\ud800"}',
        b'{"_id": "a\\u0000b"}',
        b"[" * 10_000 + b"]" * 10_000,
        b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1),
        b'{"a": 1, "a": 2}',
        b'{"a": NaN}',
        b"\xff",
        b"",
        b'{"a": 1} x',
    ],
    ids=["half a letter", "NUL", "deep", "a bit deep", "twice", "NaN", "bytes", "nothing", "more"],
)
def test_what_two_readers_may_read_differently_is_not_read(raw: bytes) -> None:
    with pytest.raises(BadBody):
        parsed(raw)


def test_brackets_in_texts_are_no_depth() -> None:
    assert parsed(json.dumps({"a": "[" * 500 + '\\"' + "{" * 50}).encode())


@given(st.binary(max_size=200))
def test_no_body_breaks_the_reader(raw: bytes) -> None:
    for vendor, scheme in SCHEMES.items():
        headers = {"webhook-id": "m", "x-shopify-topic": "a/b", "x-shopify-webhook-id": "w"}
        delivery = Delivery(raw, headers, "", AT)
        try:
            found = scheme.notices(delivery, parsed(raw))
        except BadBody:
            continue
        assert all(one.dedup for one in found), vendor


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "events",
                        "data",
                        "object",
                        "id",
                        "type",
                        "ids",
                        "module",
                        "_model",
                        "_id",
                        "subject",
                        "message",
                        "eventId",
                        "objectId",
                        "subscriptionType",
                        "mergedObjectIds",
                        "occurredAt",
                        "resourceId",
                        "eventType",
                        "source",
                        "eventCategory",
                        "created",
                        "time",
                        "intuitentityid",
                    ]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=12,
    )
)
def test_no_value_breaks_a_vendors_reader(value: Any) -> None:
    raw = json.dumps(value).encode()
    headers = {"webhook-id": "m", "x-shopify-topic": "a/b", "x-shopify-webhook-id": "w"}
    for scheme in SCHEMES.values():
        try:
            scheme.notices(Delivery(raw, headers, "", AT), value)
        except BadBody:
            continue
