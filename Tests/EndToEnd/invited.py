"""Founding invitations, written into the store of a deployment whose gateway is not running."""

import hashlib
import json
import secrets
import sqlite3
from datetime import datetime, timedelta, timezone

from deployment import Deployment


def invite(gateway: Deployment, person: str) -> str:
    """Returns the token of a link by which this founding person can enrol one passkey."""
    trust = json.loads((gateway.folder / "state" / "kill" / "trust.json").read_bytes())
    (own,) = [one for one in trust["people"] if one["person"] == person]
    token = secrets.token_urlsafe(32)
    digest = hashlib.sha256(b"interlock/invitation/1\0" + token.encode()).hexdigest()
    until = (datetime.now(timezone.utc) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    body = {"hash": f"sha256:{digest}", "person": person, "pseudonym": own["pseudonym"], "roles": [],
            "expires": until}
    with sqlite3.connect(gateway.folder / "state" / "interlock.db") as store:
        store.execute("INSERT INTO people (kind, id, body) VALUES ('invitation', ?, ?)", (digest, json.dumps(body)))
    store.close()
    return token
