"""Values for the slots of templates, such as `{iban.landlord}`: the kind, and a name within the task."""

import random
import re
import string
import zlib

SLOT = re.compile(r"\{(\w+)\.(\w+)\}")
FIRST = ("Ada", "Bela", "Chiara", "Deniz", "Emil", "Fatima", "Goran", "Hana", "Ines", "Jonas", "Kofi", "Lena", "Mei",
         "Nadia", "Olu", "Pia")
LAST = ("Abel", "Brandt", "Costa", "Dimitriou", "Eriksen", "Fontaine", "Garcia", "Horvat", "Ito", "Jansen", "Kaya",
        "Lindqvist", "Moreau")
CITIES = ("Lisbon", "Porto", "Graz", "Ghent", "Turin", "Lyon", "Brno", "Split", "Tartu", "Malaga", "Bergen", "Leipzig",
          "Cork", "Patras")
COMPANIES = ("Aurelia", "Borealis", "Castor", "Dorado", "Elbe", "Fjord", "Galena", "Helix", "Isar", "Juno", "Kepler",
             "Lumen", "Meridian")
WORDS = ("amber", "birch", "cedar", "delta", "ember", "fern", "grove", "heron", "iris", "jade", "kestrel", "lark",
         "maple", "nettle", "onyx")
BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase


def identifier(chance: random.Random, length: int = 10) -> str:
    return "".join(chance.choices(string.ascii_lowercase + string.digits, k=length))


def iban(chance: random.Random) -> str:
    """A German account number with right check digits."""
    account = "".join(chance.choices(string.digits, k=18))
    return f"DE{98 - int(account + '131400') % 97:02}{account}"


def token(chance: random.Random) -> str:
    """A token in the form of a forge's, with its checksum."""
    body = "".join(chance.choices(BASE62, k=30))
    rest, digits = zlib.crc32(body.encode()), ""
    while rest:
        rest, digit = divmod(rest, 62)
        digits = BASE62[digit] + digits
    return f"ghp_{body}{digits.rjust(6, '0')}"


def value(kind: str, chance: random.Random) -> str:
    """A value of this kind; those of `id`, `email`, `host`, `iban`, `branch` and `token` differ from task to task."""
    first, last, word = chance.choice(FIRST), chance.choice(LAST), chance.choice(WORDS)
    match kind:
        case "id": return identifier(chance)
        case "iban": return iban(chance)
        case "token": return token(chance)
        case "amount": return f"{chance.randrange(20, 2000)}.{chance.randrange(100):02}"
        case "person": return f"{first} {last}"
        case "email": return f"{first}.{last}.{identifier(chance, 4)}@{word}.example".lower()
        case "host": return f"{word}-{identifier(chance, 5)}.example"
        case "company": return f"{chance.choice(COMPANIES)} {chance.choice(('Ltd', 'GmbH', 'SA', 'Group'))}"
        case "city": return chance.choice(CITIES)
        case "date": return f"2027-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
        case "phone": return f"+49 30 {chance.randrange(10**6, 10**7)}"
        case "branch": return f"{word}-{identifier(chance, 5)}"
        case "package": return f"{word}-{chance.choice(('http', 'queue', 'sql', 'cache'))}"
    raise ValueError(f"no values of kind `{kind}`")


class Values:
    """The values of one task: each slot has one, which depends on nothing but the seed, the task and the slot."""

    def __init__(self, seed: int, task: str):
        self.seed, self.task = seed, task
        self.used: dict[str, str] = {}

    def fill(self, text: str) -> str:
        return SLOT.sub(lambda slot: self.of(slot[1], slot[2]), text)

    def of(self, kind: str, name: str) -> str:
        slot = f"{kind}.{name}"
        if slot not in self.used:
            self.used[slot] = value(kind, random.Random(f"{self.seed}/{self.task}/{slot}"))
        return self.used[slot]
