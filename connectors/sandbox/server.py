"""The sandbox's HTTP API on the loopback interface. ``resources/help/sandbox.md`` documents it.

Faults are injected where real systems fail: before the commit, after it, and in the answer's way
back.
"""

from __future__ import annotations

import json
import random
import secrets
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from connectors.listening import OwnPort
from connectors.sandbox.refusal import Refused
from connectors.sandbox.store import Faults, SandboxStore
from connectors.sandbox.taxes import TAXES, SandboxTax

PAGE_LIMIT = 1000
DEFAULT_USER, DEFAULT_PASSWORD = "contador", "sandbox"


class SandboxServer:
    """Serves a store until :meth:`stop`. ``per_minute`` 0 means no call limit; ``seed`` makes
    faults repeatable.
    """

    def __init__(
        self,
        store: SandboxStore,
        port: int = 0,
        per_minute: int = 0,
        seed: int | None = None,
        user: str = DEFAULT_USER,
        password: str = DEFAULT_PASSWORD,
    ) -> None:
        self.store, self.per_minute = store, per_minute
        self.user, self.password = user, password
        self.chance = random.Random(seed)
        self.tokens: set[str] = set()
        self.requests = 0
        self._calls: deque[float] = deque()
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.sandbox = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name="sandbox", daemon=True
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> SandboxServer:
        self._thread.start()
        return self

    def serve_forever(self) -> None:
        """Serve in the calling thread (``cuadre sandbox serve``)."""
        self._server.serve_forever()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)

    def expire_sessions(self) -> None:
        self.tokens.clear()

    def seconds_until_free(self) -> float:
        """0 when a call fits into the minute's limit (and takes it), else how long to wait."""
        with self._lock:
            self.requests += 1
            if not self.per_minute:
                return 0.0
            now = time.monotonic()
            while self._calls and now - self._calls[0] >= 60:
                self._calls.popleft()
            if len(self._calls) < self.per_minute:
                self._calls.append(now)
                return 0.0
            return 60 - (now - self._calls[0])

    def happens(self, share: float) -> bool:
        with self._lock:
            return share > 0 and self.chance.random() < share


class _Server(OwnPort, ThreadingHTTPServer):
    daemon_threads = True
    sandbox: SandboxServer

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    _slow = False

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name the library calls it by
        """Quiet: the journal of the sender is the log that counts."""

    def setup(self) -> None:
        super().setup()
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @property
    def _sandbox(self) -> SandboxServer:
        return self.server.sandbox

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        try:
            self._body: dict[str, Any] = json.loads(self.rfile.read(length) or b"{}")
        except ValueError:
            self._fail(400, "bad_json", "the body is not JSON")
            return
        target = urlsplit(self.path)
        self._query = parse_qs(target.query)
        action = _ROUTES.get((self.command, target.path))
        if action is None:
            self._fail(404, "not_found", f"no {self.command} {target.path}")
        elif target.path in {"/api/faults", "/api/login"}:
            self._guarded(action)
        elif (
            self.headers.get("Authorization", "").removeprefix("Bearer ")
            not in self._sandbox.tokens
        ):
            self._fail(401, "unauthorized", "log in first")
        elif (wait := self._sandbox.seconds_until_free()) > 0:
            self._throttle(wait)
        else:
            self._with_faults(action)

    def _with_faults(self, action: Callable[[_Handler], object]) -> None:
        faults, happens = self._sandbox.store.faults, self._sandbox.happens
        if happens(faults.throttle):
            self._throttle(0.05)
            return
        if happens(faults.error_before):
            self._fail(500, "internal", "injected fault before the commit")
            return
        if happens(faults.expire):
            self._sandbox.expire_sessions()
            self._fail(401, "unauthorized", "log in first")
            return
        if happens(faults.hang):
            time.sleep(faults.hang_seconds)
        if happens(faults.half_body):
            self._answer(200, action(self), cut=True)
            return
        if happens(faults.wrong_type):
            action(self)
            self._answer(200, "<html>proxy</html>", kind="text/html")
            return
        self._slow = happens(faults.drip)
        writes = self.command == "POST"
        if writes and happens(faults.lose_answer):
            action(self)
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        if writes and happens(faults.error_after):
            action(self)
            self._fail(500, "internal", "injected fault after the commit")
            return
        self._guarded(action)

    def _guarded(self, action: Callable[[_Handler], object]) -> None:
        try:
            self._answer(200, action(self))
        except Refused as refused:
            self._fail(409 if refused.code == "duplicate" else 422, refused.code, refused.message)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            self._fail(400, "bad_request", f"{type(error).__name__}: {error}")

    def _throttle(self, wait: float) -> None:
        headers = {"Retry-After": f"{wait:.2f}"}
        self._answer(
            429, {"error": {"code": "throttled", "message": f"wait {wait:.2f} s"}}, headers
        )

    def _fail(self, status: int, code: str, message: str) -> None:
        self._answer(status, {"error": {"code": code, "message": message}})

    def _answer(
        self,
        status: int,
        content: object,
        headers: dict[str, str] | None = None,
        kind: str = "application/json",
        cut: bool = False,
    ) -> None:
        payload = (
            str(content).encode()
            if kind == "text/html"
            else json.dumps(content, ensure_ascii=False).encode()
        )
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(payload)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if cut:
            self.wfile.write(payload[: len(payload) // 2])
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        elif self._slow:
            for place in range(0, len(payload), 64):
                self.wfile.write(payload[place : place + 64])
                time.sleep(0.002)
        else:
            self.wfile.write(payload)

    def _login(self) -> object:
        sandbox = self._sandbox
        if (self._body.get("user"), self._body.get("password")) != (sandbox.user, sandbox.password):
            raise Refused("bad_credentials", "user or password is wrong")
        token = secrets.token_urlsafe(24)
        sandbox.tokens.add(token)
        return {"token": token, "user": sandbox.user}

    def _company(self) -> object:
        setting = self._sandbox.store.setting
        names = ("company", "country", "currency", "tax_id", "locked_until", "unique_references")
        return {name: setting(name) for name in names}

    def _lock_period(self) -> object:
        self._sandbox.store.set_setting("locked_until", str(self._body["until"]))
        return {"locked_until": self._sandbox.store.setting("locked_until")}

    def _find(self) -> object:
        references, numbers = self._body.get("references", ()), self._body.get("numbers", ())
        return {"entries": self._sandbox.store.find(references, numbers)}

    def _create(self) -> object:
        return {"results": self._sandbox.store.create(self._body["entries"])}

    def _add_partner(self) -> object:
        values = [str(self._body.get(name) or "") for name in ("code", "name", "tax_id")]
        self._sandbox.store.add_partner(*values)
        return {"code": values[0]}

    def _create_document(self) -> object:
        return self._sandbox.store.create_document(self._body)

    def _find_documents(self) -> object:
        return {
            "documents": self._sandbox.store.find_documents(
                str(self._body["kind"]), str(self._body["reference"])
            )
        }

    def _documents(self) -> object:
        value, limit = self._paging()
        rows = self._sandbox.store.documents(
            value["kind"], value["from"], value["to"], int(value.get("after", 0)), limit
        )
        return {"documents": rows, "next_after": rows[-1]["id"] if len(rows) == limit else None}

    def _changes(self) -> object:
        value, limit = self._paging()
        since, until = float(value["since"]), float(value["until"])
        after = int(value.get("after", 0))
        rows = self._sandbox.store.changed(value["kind"], since, until, after, limit)
        return {"changes": rows, "next_after": rows[-1]["id"] if len(rows) == limit else None}

    def _read_records(self) -> object:
        ids = [str(one) for one in self._body["ids"]][:PAGE_LIMIT]
        return {"changes": self._sandbox.store.read(str(self._body["kind"]), ids)}

    def _change_contact(self) -> object:
        fields = {str(name): str(value) for name, value in self._body["fields"].items()}
        self._sandbox.store.change_contact(str(self._body["code"]), fields)
        return {"code": self._body["code"]}

    def _taxes(self) -> object:
        taxes = TAXES[self._sandbox.store.setting("country")]
        return {"taxes": [_tax(tax) for tax in taxes.values()]}

    def _attach(self) -> object:
        return self._sandbox.store.attach(self._body)

    def _attachments(self) -> object:
        value, _ = self._paging()
        return {"attachments": self._sandbox.store.attachments(int(value["id"]))}

    def _paging(self) -> tuple[dict[str, str], int]:
        value = {name: texts[0] for name, texts in self._query.items()}
        return value, min(int(value.get("limit", PAGE_LIMIT)), PAGE_LIMIT)

    def _ledger(self) -> object:
        value, limit = self._paging()
        lines = self._sandbox.store.ledger(
            value["from"], value["to"], int(value.get("after", 0)), limit
        )
        return {"lines": lines, "next_after": lines[-1]["id"] if len(lines) == limit else None}

    def _balances(self) -> object:
        value, _ = self._paging()
        found = self._sandbox.store.balances(value["until"], int(value["year"]))
        return {
            "balances": [{"account": account, "balance": cents} for account, cents in found.items()]
        }

    def _set_faults(self) -> object:
        self._sandbox.store.set_faults(Faults.parse(self._body))
        return asdict(self._sandbox.store.faults)


_ROUTES: dict[tuple[str, str], Callable[[_Handler], object]] = {
    ("POST", "/api/login"): _Handler._login,
    ("GET", "/api/company"): _Handler._company,
    ("PUT", "/api/lock"): _Handler._lock_period,
    ("GET", "/api/accounts"): lambda handler: {
        "accounts": handler._sandbox.store.listing("account")
    },
    ("GET", "/api/journals"): lambda handler: {
        "journals": handler._sandbox.store.listing("journal")
    },
    ("GET", "/api/partners"): lambda handler: {
        "partners": handler._sandbox.store.listing("partner")
    },
    ("GET", "/api/dimensions"): lambda handler: {
        "dimensions": handler._sandbox.store.listing("dimension")
    },
    ("POST", "/api/partners"): _Handler._add_partner,
    ("POST", "/api/entries"): _Handler._create,
    ("PUT", "/api/entries/search"): _Handler._find,
    ("GET", "/api/ledger"): _Handler._ledger,
    ("GET", "/api/balances"): _Handler._balances,
    ("POST", "/api/documents"): _Handler._create_document,
    ("PUT", "/api/documents/search"): _Handler._find_documents,
    ("GET", "/api/documents"): _Handler._documents,
    ("GET", "/api/changes"): _Handler._changes,
    ("PUT", "/api/records"): _Handler._read_records,
    ("POST", "/api/contacts/change"): _Handler._change_contact,
    ("GET", "/api/taxes"): _Handler._taxes,
    ("POST", "/api/attachments"): _Handler._attach,
    ("GET", "/api/attachments"): _Handler._attachments,
    ("PUT", "/api/faults"): _Handler._set_faults,
}


def _tax(tax: SandboxTax) -> dict[str, object]:
    """A tax with the accounts it is posted on; one that is a quota has no rate."""
    return {
        "code": tax.code,
        "name": tax.name,
        "authority": tax.authority,
        "rate": None if tax.rate is None else str(tax.rate),
        "is_withheld": tax.is_withheld,
        "is_exempt": tax.is_exempt,
        "sale_account": tax.sale,
        "purchase_account": tax.purchase,
    }
