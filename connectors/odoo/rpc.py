"""The two ways to call Odoo, behind one method, and what its faults mean.

Facts observed on Odoo 19: JSON-RPC answers HTTP 200 with ``error.data.name`` for every fault;
JSON-2 answers 401, 403, 404, 422 or 500 with the exception's name in the body. Only the exception's
name is ever branched on, because messages come in the user's language. ``debug`` holds a traceback
and is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Protocol

import httpx

from connectors.errors import ConnectorError, Rejected, Unauthorized, Unavailable, Uncertain
from connectors.transport import Transport

_DENIED = (
    "odoo.exceptions.AccessDenied",
    "werkzeug.exceptions.Unauthorized",
    "odoo.http.SessionExpiredException",
)
_BUSY = ("LockError", "SerializationFailure", "LockNotAvailable", "OperationalError")


class Dialect(Protocol):
    uid: int
    """The signed-in user's id; 0 where the server did not say."""

    def call(
        self, model: str, method: str, reads: bool, ids: list[int] | None = None, **named: object
    ) -> Any:
        """Call a model's method with named arguments. ``reads`` says that repeating it is
        harmless.
        """
        ...

    def create(self, model: str, values: list[dict[str, Any]]) -> Any:
        """Create records. Without ids nothing keeps this from happening twice."""
        ...


class Json2:
    """``POST /json/2/<model>/<method>`` with an API key as bearer token."""

    uid = 0

    def __init__(self, transport: Transport, database: str, key: str) -> None:
        self._transport = transport
        transport.set_header("Authorization", f"Bearer {key}")
        if database:
            transport.set_header("X-Odoo-Database", database)
        transport.classify = classify_json2

    def call(
        self, model: str, method: str, reads: bool, ids: list[int] | None = None, **named: object
    ) -> Any:
        body = dict(named) if ids is None else {"ids": ids, **named}
        send = self._transport.read_json if reads else self._transport.write_json
        return send("POST", f"/json/2/{model}/{method}", json=body)

    def create(self, model: str, values: list[dict[str, Any]]) -> Any:
        return self.call(model, "create", False, vals_list=values)


class JsonRpc:
    """``POST /jsonrpc`` with database, user id and password (or API key) in every call."""

    def __init__(self, transport: Transport, database: str, user: str, key: str) -> None:
        self._transport, self._database, self._key = transport, database, key
        transport.classify = classify_json2
        answer = self._post(True, "common", "authenticate", [database, user, key, {}])
        if not answer:
            raise Unauthorized(
                "authenticate answered false: wrong user or key, or two-factor is on",
                "AccessDenied",
            )
        self.uid = int(answer)

    def call(
        self, model: str, method: str, reads: bool, ids: list[int] | None = None, **named: object
    ) -> Any:
        return self._execute(reads, model, method, [] if ids is None else [ids], named)

    def create(self, model: str, values: list[dict[str, Any]]) -> Any:
        """``call_kw`` of older servers takes the values by their place only."""
        return self._execute(False, model, "create", [values], {})

    def _execute(
        self,
        reads: bool,
        model: str,
        method: str,
        positional: list[Any],
        named: Mapping[str, object],
    ) -> Any:
        arguments = [self._database, self.uid, self._key, model, method, positional, named]
        return self._post(reads, "object", "execute_kw", arguments)

    def _post(self, reads: bool, service: str, method: str, arguments: list[object]) -> Any:
        params = {"service": service, "method": method, "args": arguments}
        body = {"jsonrpc": "2.0", "method": "call", "params": params, "id": 1}
        send = self._transport.read_json if reads else self._transport.write_json
        answer = send("POST", "/jsonrpc", json=body)
        if not isinstance(answer, Mapping):
            raise Uncertain("the answer is not JSON-RPC")
        if "error" in answer:
            data = answer["error"].get("data") or {}
            words = str(data.get("message") or answer["error"].get("message") or "")
            raise fault(str(data.get("name") or ""), self._transport.redact(words))
        return answer.get("result")


def server_version(transport: Transport) -> int:
    """The server's major version by what it answers without a log-in. Raises Rejected when it is no
    Odoo.
    """
    try:
        answer = _json(transport.read("GET", "/web/version"))
        return int(answer["version_info"][0])
    except (Rejected, Uncertain, KeyError, TypeError, ValueError, Unauthorized):
        pass
    body = {
        "jsonrpc": "2.0",
        "method": "call",
        "params": {"service": "common", "method": "version", "args": []},
        "id": 1,
    }
    try:
        answer = _json(transport.read("POST", "/jsonrpc", json=body))
        return int(re.sub(r"\D", "", str(answer["result"]["server_version_info"][0])))
    except (Uncertain, KeyError, TypeError, ValueError):
        raise Rejected("this address does not answer as an Odoo server", "not-odoo") from None


def classify_json2(response: httpx.Response) -> ConnectorError | None:
    """The error an HTTP status of Odoo stands for; None where the transport's own reading is
    right.
    """
    try:
        body = response.json()
        name, words = str(body["name"]), str(body["message"])
    except (ValueError, KeyError, TypeError):
        if response.status_code == 404:
            return Rejected("no such address or database (HTTP 404)", "404")
        return None
    return fault(name, words)


def fault(name: str, words: str) -> ConnectorError:
    """The error an exception of Odoo stands for, by its name."""
    words = words.strip()
    if name in _DENIED:
        return Unauthorized(words, name)
    if name.endswith(_BUSY):
        return Unavailable(words, name)
    return Rejected(words, name)


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        raise Uncertain(f"HTTP {response.status_code} with something other than JSON") from None
