"""Time stamps of anchors by somebody else (RFC 3161): that a journal stood where its anchor says,
at the time an authority for time stamps says, not this machine.
"""

from __future__ import annotations

import base64
import hashlib
import ssl
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509 import Certificate
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    Verifier,
    VerifierBuilder,
    decode_timestamp_response,
)

from app.journal.anchors import Anchor
from app.refusals import Refused
from app.translation import QT_TRANSLATE_NOOP

_PATIENCE = 30.0


class NotStamped(Refused):
    """The authority gave no time stamp that proves anything; the argument says why."""

    context = "verify"
    words = QT_TRANSLATE_NOOP("verify", "The time stamp is not valid: {reason}.")

    def said(self) -> Mapping[str, object]:
        return {"reason": str(self).rstrip(".")}


def stamp(anchor: Anchor, url: str, roots: Sequence[Certificate]) -> Anchor:
    """The anchor with a time stamp of the authority at ``url``, checked. Raises NotStamped."""
    request = (
        TimestampRequestBuilder().data(_message(anchor)).hash_algorithm(HashAlgorithm.SHA256)
    ).build()
    try:
        answer = httpx.post(
            url,
            content=request.as_bytes(),
            headers={"Content-Type": "application/timestamp-query"},
            timeout=_PATIENCE,
        )
        answer.raise_for_status()
        response = decode_timestamp_response(answer.content)
        verifier = _verifier(VerifierBuilder.from_request(request), roots)
        verifier.verify_message(response, _message(anchor))
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, VerificationError) as error:
        raise NotStamped(error) from None
    return replace(anchor, timestamp=base64.b64encode(answer.content).decode())


def stamped_at(anchor: Anchor, roots: Sequence[Certificate]) -> datetime | None:
    """When an authority saw the anchor; None where it has no time stamp. Raises NotStamped."""
    if not anchor.timestamp:
        return None
    try:
        response = decode_timestamp_response(base64.b64decode(anchor.timestamp))
        _verifier(VerifierBuilder(), roots).verify_message(response, _message(anchor))
    except (ValueError, VerificationError) as error:
        raise NotStamped(error) from None
    at: datetime = response.tst_info.gen_time
    return at


def roots_of(path: Path | None) -> list[Certificate]:
    """The authorities that are trusted: those in a PEM file, else those of this machine. Raises
    OSError, NotStamped where the file holds no certificate.
    """
    if path is None:
        known = ssl.create_default_context().get_ca_certs(binary_form=True)
        return [root for root in map(_well_formed, known) if root is not None]
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except ValueError as error:
        raise NotStamped(error) from None


def _well_formed(certificate: bytes) -> x509.Certificate | None:
    """A root of this machine; None for one that breaks the rules of RFC 5280, as some old ones
    do.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return x509.load_der_x509_certificate(certificate)
        except (ValueError, CryptographyDeprecationWarning):
            return None


def _verifier(builder: VerifierBuilder, roots: Sequence[Certificate]) -> Verifier:
    for root in roots:
        builder = builder.add_root_certificate(root)
    return builder.build()


def _message(anchor: Anchor) -> bytes:
    """What is stamped: the journal, the number and the hash of the event."""
    text = f"{anchor.journal}\n{anchor.sequence}\n{anchor.hash}"
    return hashlib.sha256(text.encode()).digest()
