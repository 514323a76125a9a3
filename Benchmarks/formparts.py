"""The parts of which forms of values are made, and what several forms share.

A form is a list of parts, so that no file of this repository has a whole value.
"""

import base64
from dataclasses import dataclass
from itertools import takewhile
from random import Random
from typing import Callable

LOWER, UPPER, DIGITS = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
ALNUM = LOWER + UPPER + DIGITS
URLSAFE, HEX, BASE32 = ALNUM + "-_", DIGITS + "abcdef", UPPER + "234567"
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
BLOCK, MARK = "block", "mark"
TOKEN, PRIVATE_KEY, GENERIC = "token", "private-key", "generic"


@dataclass(frozen=True)
class Some:
    """A random part: characters of an alphabet, and the least and the greatest number of them."""

    alphabet: str
    least: int
    most: int = 0

    def make(self, chance: Random) -> str:
        return "".join(chance.choices(self.alphabet, k=chance.randint(self.least, self.most or self.least)))


@dataclass(frozen=True)
class Form:
    """One documented form of a token. `seal` adds what is computed from the other parts."""

    rule: str
    parts: tuple
    seal: Callable[[str], str] | None = None
    # The issuer states the length, so that one character less is no such token.
    exact: bool = False
    strength: str = BLOCK

    def make(self, chance: Random) -> str:
        text = "".join(part if isinstance(part, str) else part.make(chance) for part in self.parts)
        return self.seal(text) if self.seal else text

    def change(self, chance: Random, number: int, changed: Callable[[str], str]) -> str:
        """A value of which one random part is changed. It has no seal."""
        texts = [part if isinstance(part, str) else part.make(chance) for part in self.parts]
        texts[number] = changed(texts[number])
        return "".join(texts)

    @property
    def beginning(self) -> str:
        """The parts that each value begins with."""
        return "".join(takewhile(lambda part: isinstance(part, str), self.parts))

    @property
    def first_long(self) -> int:
        """The number of the first part that has eight random characters."""
        return next(number for number, part in enumerate(self.parts) if isinstance(part, Some) and part.least >= 8)

    @property
    def last(self) -> int:
        """The number of the last random part."""
        return max(number for number, part in enumerate(self.parts) if isinstance(part, Some))


@dataclass(frozen=True)
class Made:
    """A form that a function makes."""

    rule: str
    make: Callable[[Random], str]
    strength: str = BLOCK
    kind: str = TOKEN


def bech32(text: str) -> str:
    """Adds the six letters of BIP 173 to a prefix, `1` and data, all in upper case."""
    prefix, data = text.lower().rsplit("1", 1)
    values = [ord(letter) >> 5 for letter in prefix] + [0] + [ord(letter) & 31 for letter in prefix]
    values += [BECH32.index(letter) for letter in data] + [0] * 6
    total = 1
    for value in values:
        high, total = total >> 25, (total & 0x1FFFFFF) << 5 ^ value
        for bit, term in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            total ^= term if high >> bit & 1 else 0
    return text + "".join(BECH32[(total ^ 1) >> 5 * (5 - place) & 31] for place in range(6)).upper()


def unpadded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def word(chance: Random) -> str:
    return "".join(chance.choices(LOWER, k=chance.randint(3, 9)))


def pem(left: str, label: str, right: str, head: str, data: bytes) -> str:
    text = base64.b64encode(data).decode()
    lines = "\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    return f"{left}BEGIN {label}{right}\n{head}{lines}\n{left}END {label}{right}\n"
