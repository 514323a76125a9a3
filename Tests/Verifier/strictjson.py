"""JSON that has only one reading (docs/auditing.md, section 6) and RFC 8785, its canonical form."""

import json
import math
import re

from encoding import Malformed

LARGEST = 2**53 - 1
DEEPEST, DEEPEST_PAYLOAD = 16, 256

ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def record(data: bytes) -> dict:
    """An object in the form of section 6: canonical, no fraction, no null, at most 16 deep."""
    value = _parse(data, parse_int=_integer, parse_float=_no_fraction)
    if not isinstance(value, dict):
        raise Malformed("not a JSON object")
    _bounded(value, 1)
    _same(data, value)
    return value


def values(data: bytes) -> object:
    """Parses any value by the rules of records, such as openings.json."""
    value = _parse(data, parse_int=_integer, parse_float=_no_fraction)
    _bounded(value, 1)
    _same(data, value)
    return value


def rfc8785(data: bytes) -> object:
    """Parses any canonical JSON, with fractions and null: the plaintexts of payloads."""
    value = loose(data, DEEPEST_PAYLOAD)
    _same(data, value)
    return value


def loose(data: bytes, deepest: int = DEEPEST) -> object:
    """Parses JSON that need not be canonical, but has no duplicate key, no lone surrogate and at most `deepest`
    levels."""
    value = _parse(data, parse_int=float, parse_float=float)
    _bounded(value, 1, deepest, null=True)
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise Malformed("a lone surrogate") from error
    return value


def canonical(value: object) -> bytes:
    """JCS (RFC 8785)."""
    try:
        return _write(value).encode()
    except UnicodeEncodeError as error:
        raise Malformed("a lone surrogate") from error


def _parse(data: bytes, **numbers) -> object:
    try:
        return json.loads(data.decode(), object_pairs_hook=_object, parse_constant=_no_constant, **numbers)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise Malformed(f"not JSON: {error}") from error


def _object(pairs: list[tuple[str, object]]) -> dict:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("a key occurs twice in an object")
    return found


def _integer(digits: str) -> int:
    if len(digits) > 17 or abs(int(digits)) > LARGEST:
        raise Malformed(f"{digits[:40]} is beyond 2^53 - 1")
    return int(digits)


def _no_fraction(digits: str) -> float:
    raise Malformed(f"{digits[:40]} is not an integer")


def _no_constant(name: str) -> float:
    raise Malformed(f"{name} is not JSON")


def _bounded(value: object, depth: int, deepest: int = DEEPEST, null: bool = False) -> None:
    """Depth counts arrays and objects; the outermost is 1."""
    if value is None and not null:
        raise Malformed("null")
    if isinstance(value, (dict, list)):
        if depth > deepest:
            raise Malformed(f"more than {deepest} deep")
        for inner in value.values() if isinstance(value, dict) else value:
            _bounded(inner, depth + 1, deepest, null)


def _same(data: bytes, value: object) -> None:
    try:
        same = canonical(value) == data
    except RecursionError as error:
        raise Malformed("too deep") from error
    if not same:
        raise Malformed("not in canonical form (RFC 8785)")


def _write(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _number(value)
        case str():
            return _string(value)
        case list():
            return "[" + ",".join(map(_write, value)) + "]"
        case dict():
            keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
            return "{" + ",".join(f"{_string(key)}:{_write(value[key])}" for key in keys) + "}"
    raise TypeError(f"{type(value)} is not a JSON value")


def _string(text: str) -> str:
    escaped = re.sub(r'["\\\x00-\x1f]', lambda found: ESCAPES.get(found[0]) or f"\\u{ord(found[0]):04x}", text)
    return f'"{escaped}"'


def _number(value: float) -> str:
    """Writes a number as ECMAScript does (RFC 8785, section 3.2.2.3)."""
    if not math.isfinite(value):
        raise Malformed("a number beyond all bounds")
    if value == 0:
        return "0"
    # repr gives the shortest digits that read back as the same number, as ECMAScript requires; only their layout
    # differs.
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    if 0 < point <= 21:
        text = digits.ljust(point, "0") if len(digits) <= point else f"{digits[:point]}.{digits[point:]}"
    elif -6 < point <= 0:
        text = "0." + "0" * -point + digits
    else:
        text = digits[0] + ("." + digits[1:] if len(digits) > 1 else "") + f"e{point - 1:+d}"
    return "-" + text if value < 0 else text
