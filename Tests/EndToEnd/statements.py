"""Statements as people sign them: the payload of a DSSE envelope, with its media type."""

import base64


def media_type(kind: str) -> str:
    return f"application/vnd.interlock.{kind}+json"


def message(media: str, payload: bytes) -> bytes:
    """The signed bytes: the pre-authentication encoding of DSSE."""
    return b"DSSEv1 %d %s %d %s" % (len(media.encode()), media.encode(), len(payload), payload)


def url(data: bytes) -> str:
    """Base64 as in WebAuthn: for URLs, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unurl(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
