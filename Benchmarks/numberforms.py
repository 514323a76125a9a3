"""Numbers of cards, accounts and people for a labelled corpus, by the arithmetic that their issuers publish, and near
misses: the same numbers with a wrong check digit, and numbers of other things.

It is written from the issuers' pages and not from the rules of the program. Every number is random.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

CARD, IBAN, NATIONAL = "card", "iban", "national-id"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def digits(chance: Random, count: int) -> str:
    return "".join(chance.choices("0123456789", k=count))


def weighted(text: str, weights) -> int:
    return sum(int(digit) * weight for digit, weight in zip(text, weights, strict=True))


def luhn(text: str) -> str:
    """ISO/IEC 7812-1, annex B: the digit behind others."""
    total = 0
    for place, digit in enumerate(reversed(text)):
        number = int(digit) * (2 if place % 2 == 0 else 1)
        total += number // 10 + number % 10
    return str(-total % 10)


def card(chance: Random) -> str:
    first, size = chance.choice([("4", 16), ("51", 16), ("2221", 16), ("37", 15), ("6011", 16), ("3530", 16), ("36", 14)])
    begun = first + digits(chance, size - len(first) - 1)
    return begun + luhn(begun)


def iban(chance: Random) -> str:
    country, bank, size = chance.choice(
        [("DE", "", 18), ("ES", "", 20), ("PL", "", 24), ("NO", "", 11), ("GB", "WEST", 14), ("NL", "INGB", 10)])
    rest = bank + digits(chance, size)
    number = int("".join(str(int(letter, 36)) for letter in rest + country + "00"))
    return f"{country}{98 - number % 97:02}{rest}"


def born(chance: Random) -> date:
    return date(1940, 1, 1) + timedelta(days=chance.randrange(60 * 365))


def us_social_security(chance: Random) -> str:
    return f"{chance.randint(100, 665)}{chance.randint(10, 99)}{chance.randint(1000, 9999)}"


def uk_nhs(chance: Random) -> str:
    while True:
        begun = digits(chance, 9)
        check = 11 - weighted(begun, range(10, 1, -1)) % 11
        if check != 10:
            return begun + str(check % 11)


def ca_social_insurance(chance: Random) -> str:
    begun = chance.choice("1234567") + digits(chance, 7)
    return begun + luhn(begun)


def au_tax_file(chance: Random) -> str:
    while True:
        number = digits(chance, 9)
        if number[0] != "0" and weighted(number, (1, 4, 3, 7, 5, 8, 6, 9, 10)) % 11 == 0:
            return number


def br_cpf(chance: Random) -> str:
    number = digits(chance, 9)
    for first in (10, 11):
        rest = weighted(number, range(first, 1, -1)) % 11
        number += str(0 if rest < 2 else 11 - rest)
    return number


def de_tax(chance: Random) -> str:
    """One digit twice among the first ten, one not at all; ISO 7064, MOD 11,10."""
    order = list("0123456789")
    while True:
        chance.shuffle(order)
        first = order[:9] + [order[0]]
        chance.shuffle(first)
        text = "".join(first)
        if text[0] != "0":
            break
    product = 10
    for digit in text:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return text + str((11 - product) % 10)


def es_nif(chance: Random) -> str:
    number = chance.randrange(10_000_000, 100_000_000)
    return f"{number}{'TRWAGMYFPDXBNJZSQVHLCKE'[number % 23]}"


def fr_nir(chance: Random) -> str:
    day = born(chance)
    begun = f"{chance.choice('12')}{day:%y%m}{chance.randint(1, 19):02}{chance.randint(1, 900):03}{chance.randint(1, 990):03}"
    return begun + f"{97 - int(begun) % 97:02}"


def nl_bsn(chance: Random) -> str:
    while True:
        number = digits(chance, 9)
        if number[0] != "0" and weighted(number, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0:
            return number


def pl_pesel(chance: Random) -> str:
    day = born(chance)
    begun = f"{day:%y}{day.month + (20 if day.year >= 2000 else 0):02}{day:%d}" + digits(chance, 4)
    return begun + str(-weighted(begun, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)) % 10)


def pt_nif(chance: Random) -> str:
    begun = chance.choice("12") + digits(chance, 7)
    check = 11 - weighted(begun, range(9, 1, -1)) % 11
    return begun + str(0 if check > 9 else check)


def se_personal(chance: Random) -> str:
    begun = f"{born(chance):%y%m%d}" + digits(chance, 3)
    return f"{begun[:6]}-{begun[6:]}{luhn(begun)}"


def fi_personal(chance: Random) -> str:
    day = born(chance)
    number = f"{chance.randint(2, 899):03}"
    check = "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(f"{day:%d%m%y}{number}") % 31]
    return f"{day:%d%m%y}{'A' if day.year >= 2000 else '-'}{number}{check}"


def no_birth(chance: Random) -> str:
    while True:
        begun = f"{date(1940, 1, 1) + timedelta(days=chance.randrange(59 * 365)):%d%m%y}" + f"{chance.randint(0, 499):03}"
        first = 11 - weighted(begun, (3, 7, 6, 1, 8, 9, 4, 5, 2)) % 11
        if first == 10:
            continue
        begun += str(first % 11)
        second = 11 - weighted(begun, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
        if second != 10:
            return begun + str(second % 11)


def be_national(chance: Random) -> str:
    day = born(chance)
    begun = f"{day:%y%m%d}{chance.randint(1, 997):03}"
    return begun + f"{97 - int(('2' if day.year >= 2000 else '') + begun) % 97:02}"


def ch_ahv(chance: Random) -> str:
    """EAN-13 behind the country, in groups as the card has it."""
    begun = "756" + digits(chance, 9)
    text = begun + str(-weighted(begun, (1, 3) * 6) % 10)
    return f"{text[:3]}.{text[3:7]}.{text[7:11]}.{text[11:]}"


def cn_resident(chance: Random) -> str:
    begun = f"{chance.choice(['110105', '310112', '440305'])}{born(chance):%Y%m%d}{chance.randint(1, 999):03}"
    return begun + "10X98765432"[weighted(begun, (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)) % 11]


def sg_nric(chance: Random) -> str:
    number = digits(chance, 7)
    return f"S{number}{'JZIHGFEDCBA'[weighted(number, (2, 7, 6, 5, 4, 3, 2)) % 11]}"


def uk_national_insurance(chance: Random) -> str:
    """It has no check digit."""
    return chance.choice(["AB", "CE", "JK", "PW"]) + digits(chance, 6) + chance.choice("ABCD")


@dataclass(frozen=True)
class NumberForm:
    """A kind of number: how it is made, the names of members that have it, and the words before it in prose."""

    kind: str
    name: str
    make: Callable[[Random], str]
    members: tuple[str, ...]
    words: tuple[str, ...]
    # The sizes of its groups, apart from the rest; empty if it is written in one.
    groups: tuple[int, ...] = ()
    # False if each number of its form is one, so that no wrong digit makes it none.
    has_check: bool = True


FORMS = (
    NumberForm(CARD, "card", card, ("card_number", "cardNumber", "creditCard", "payment_card"), ("Visa", "credit card", "card no."),
               (4, 4, 4)),
    NumberForm(IBAN, "iban", iban, ("iban", "customerIban", "account", "payee"), ("IBAN", "account", "to"), (4,) * 7),
    NumberForm(NATIONAL, "us-social-security", us_social_security, ("ssn", "customer_ssn", "social_security_number"),
               ("SSN", "Social Security number"), (3, 2), has_check=False),
    NumberForm(NATIONAL, "uk-nhs", uk_nhs, ("nhsNumber", "nhs_number"), ("NHS number", "NHS no."), (3, 3)),
    NumberForm(NATIONAL, "ca-social-insurance", ca_social_insurance, ("employeeSIN", "social_insurance_number"),
               ("SIN", "Social Insurance Number"), (3, 3)),
    NumberForm(NATIONAL, "au-tax-file", au_tax_file, ("tfn", "tax_file_number"), ("TFN", "tax file number"), (3, 3)),
    NumberForm(NATIONAL, "br-cpf", br_cpf, ("cpf", "customer_cpf"), ("CPF",)),
    NumberForm(NATIONAL, "de-tax", de_tax, ("steuer_id", "steuerId"), ("Steuer-ID", "Steueridentifikationsnummer"), (2, 3, 3)),
    NumberForm(NATIONAL, "es-nif", es_nif, ("nif", "dni"), ("DNI", "NIF")),
    NumberForm(NATIONAL, "fr-nir", fr_nir, ("nir", "numero_securite_sociale"), ("NIR", "numéro de sécurité sociale")),
    NumberForm(NATIONAL, "nl-bsn", nl_bsn, ("bsn", "klant_bsn"), ("BSN", "burgerservicenummer")),
    NumberForm(NATIONAL, "pl-pesel", pl_pesel, ("pesel", "customer_pesel"), ("PESEL",)),
    NumberForm(NATIONAL, "pt-nif", pt_nif, ("nif", "contribuinte"), ("NIF", "contribuinte")),
    NumberForm(NATIONAL, "se-personal", se_personal, ("personnummer",), ("personnummer",)),
    NumberForm(NATIONAL, "fi-personal", fi_personal, ("henkilotunnus", "hetu"), ("henkilötunnus", "hetu")),
    NumberForm(NATIONAL, "no-birth", no_birth, ("fodselsnummer",), ("fødselsnummer",)),
    NumberForm(NATIONAL, "be-national", be_national, ("rijksregisternummer", "numero_national"), ("rijksregisternummer",)),
    NumberForm(NATIONAL, "ch-ahv", ch_ahv, ("ahv", "ahvNumber"), ("AHV-Nummer", "AHV")),
    NumberForm(NATIONAL, "cn-resident", cn_resident, ("id_card", "shenfenzheng"), ("身份证", "resident id")),
    NumberForm(NATIONAL, "sg-nric", sg_nric, ("nric", "customer_nric"), ("NRIC",)),
    NumberForm(NATIONAL, "uk-national-insurance", uk_national_insurance, ("nino", "national_insurance_number"),
               ("National Insurance number", "NINO"), has_check=False),
)


def grouped(chance: Random, text: str, sizes: tuple[int, ...]) -> str:
    """The number in groups by a space or a hyphen, or in one."""
    separator = chance.choice([" ", "-", ""]) if sizes else ""
    parts = []
    for size in sizes:
        parts.append(text[:size])
        text = text[size:]
    return separator.join(part for part in [*parts, text] if part)


def as_wrong(chance: Random, form: NumberForm) -> str:
    """The number with another last character of its kind, so that the check is wrong."""
    made = form.make(chance)
    if made[-1].isdigit():
        return made[:-1] + str((int(made[-1]) + 1) % 10)
    return made[:-1] + LETTERS[(LETTERS.index(made[-1]) + 1) % 26]


OTHERS = ("order_id", "invoice", "tracking", "trace_id", "created", "total", "sku", "ticket")


def item(chance: Random, form: NumberForm, value: str):
    """The content of a call: an object, one within others, a row of a list, or prose."""
    name = chance.choice(form.members)
    match chance.randrange(4):
        case 0:
            return {"id": chance.randint(1, 99), name: value, "state": "open"}
        case 1:
            return {"customer": {"name": "Ada", name: value}, "total": 17}
        case 2:
            return [{"id": 1, "state": "new"}, {name: value, "id": 2}]
        case _:
            return f"Please note {chance.choice(form.words)}: {value}, and answer soon."


def other(chance: Random):
    """A number of something else."""
    value = digits(chance, chance.randint(6, 19))
    name = chance.choice(OTHERS)
    return chance.choice([{"id": 3, name: value}, f"The {name} is {value}, thanks.", {name: int(value)}])
