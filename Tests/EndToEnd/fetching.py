"""Requests without a browser, and the responses of the API."""

import json
import urllib.error
import urllib.request
from typing import NamedTuple


class Answer(NamedTuple):
    """One response; `headers` has lower-case names, `json` is None if the body is not JSON."""
    status: int
    headers: dict
    json: dict | list | None


def fetch(url: str, body: bytes | None = None, method: str | None = None, seconds: float = 30,
          **headers: str | None) -> tuple[int, dict, bytes]:
    """Status, headers and body, also of an error. `headers` is written with `_` for `-`; None removes one."""
    kept = {name.replace("_", "-"): value for name, value in headers.items() if value is not None}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, kept, method=method), timeout=seconds) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read()


def answered(found: tuple[int, dict, str | bytes]) -> Answer:
    status, headers, body = found
    small = {name.lower(): value for name, value in headers.items()}
    return Answer(status, small, json.loads(body) if body and "json" in small.get("content-type", "") else None)
