"""Texts that carry a value of a labelled corpus as files carry it, with ordinary lines around it.

A carrier returns the text and the number of the line on which the value begins. A value with line breaks, as a key in
PEM has, is written as each format writes them: escaped, indented, quoted or folded into spaces.
"""

import json
from random import Random
from urllib.parse import quote

NAMES = ("API_TOKEN", "SECRET", "AUTH_TOKEN", "SERVICE_KEY", "DEPLOY_KEY", "CREDENTIAL", "BOT_TOKEN", "ACCESS")
NOUNS = ("queue", "report", "invoice", "build", "worker", "cache", "mailer", "index", "gateway", "billing")


def escaped(value: str) -> str:
    return json.dumps(value)[1:-1]


def folded(value: str) -> str:
    return " ".join(value.split("\n")).strip()


def name(chance: Random) -> str:
    return f"{chance.choice(NOUNS).upper()}_{chance.choice(NAMES)}"


def filled(chance: Random, line: str, filler) -> tuple[str, int]:
    """The line, which may be several, between up to six others of the same format."""
    before = [filler(chance) for _ in range(chance.randint(0, 6))]
    return "\n".join([*before, line, *(filler(chance) for _ in range(chance.randint(0, 6)))]) + "\n", len(before) + 1


def environment(chance: Random, value: str) -> tuple[str, int]:
    text = chance.choice([value, f'"{value}"'])
    if "\n" in value:
        # A block of base64 alone is also written without its breaks.
        whole = folded(value) if ": " in value else value.replace("\n", "")
        text = chance.choice([f'"{escaped(value)}"', f'"{folded(value)}"', whole])
    return filled(chance, f"{name(chance)}={text}", lambda c: f"{c.choice(NOUNS).upper()}_PORT={c.randint(1024, 9999)}")


def json_file(chance: Random, value: str) -> tuple[str, int]:
    members = {
        f"{chance.choice(NOUNS)}_{number}": chance.choice([number, "eu-west", True, [1, 2], {"retries": 3}])
        for number in range(chance.randint(1, 6))
    }
    members[name(chance).lower()] = value
    text = json.dumps(members, indent=chance.choice([None, 2]))
    return text, text[: text.index(escaped(value))].count("\n") + 1


def yaml_file(chance: Random, value: str) -> tuple[str, int]:
    if "\n" in value:
        line = f"  {name(chance).lower()}: |\n" + "".join(f"    {part}\n" for part in value.split("\n") if part)
        text, at = filled(chance, line.rstrip("\n"), lambda c: f"  {c.choice(NOUNS)}: {c.randint(1, 99)}")
        return text, at + 1
    quoted = chance.choice([f"'{value}'", f'"{value}"', value])
    return filled(chance, f"  {name(chance).lower()}: {quoted}", lambda c: f"  {c.choice(NOUNS)}: {c.randint(1, 99)}")


def python(chance: Random, value: str) -> tuple[str, int]:
    text = f'"""{value}"""' if "\n" in value else chance.choice([f'"{value}"', f"'{value}'"])
    return filled(
        chance, f"{name(chance)} = {text}", lambda c: f"{c.choice(NOUNS)} = {c.choice(NOUNS)}.get({c.randint(1, 9)})"
    )


def shell(chance: Random, value: str) -> tuple[str, int]:
    line = chance.choice(
        [
            f"export {name(chance)}='{value}'",
            f"login --token '{value}' --quiet",
            f"curl -sS -H 'Authorization: Bearer {folded(value)}' https://api.example/v1/{chance.choice(NOUNS)}",
        ]
    )
    return filled(chance, line, lambda c: f"echo {c.choice(NOUNS)} >> /var/log/{c.choice(NOUNS)}.log")


def log(chance: Random, value: str) -> tuple[str, int]:
    def stamp(c: Random) -> str:
        hour, minute, second = c.randint(0, 23), c.randint(0, 59), c.randint(0, 59)
        return f"2026-11-{c.randint(1, 28):02}T{hour:02}:{minute:02}:{second:02}.{c.randint(0, 999):03}Z"

    line = chance.choice(
        [
            f'{stamp(chance)} WARN {chance.choice(NOUNS)} refused token="{escaped(value)}" status=401',
            f"{stamp(chance)} DEBUG sending {escaped(value)} to {chance.choice(NOUNS)}",
        ]
    )
    return filled(
        chance,
        line,
        lambda c: f"{stamp(c)} INFO {c.choice(NOUNS)} done in {c.randint(1, 900)} ms id={c.getrandbits(64):016x}",
    )


def address(chance: Random, value: str) -> tuple[str, int]:
    """As a part of an address, or the address that the value is itself. Escaped characters would be another form."""
    host = f"https://api.{chance.choice(NOUNS)}.example"
    if value.startswith("https://"):
        line = chance.choice([value, f"GET {value} 200", f"<{value}>"])
    elif "\n" not in value and quote(value, safe="-_.~:") == value:
        line = chance.choice(
            [f"{host}/v1/items?key={value}&page=2", f"{host}/hook/{value}/send", f"{host}/#access_token={value}"]
        )
    else:
        line = f"{host}/v1/items\n{folded(value)}"
        text, at = filled(chance, line, lambda c: f"{host}/{c.choice(NOUNS)}?page={c.randint(1, 9)}")
        return text, at + 1
    return filled(chance, line, lambda c: f"{host}/{c.choice(NOUNS)}?page={c.randint(1, 9)}")


def markdown(chance: Random, value: str) -> tuple[str, int]:
    line = (
        f"```\n{value}\n```"
        if "\n" in value
        else chance.choice(
            [
                f"Use `{value}` for the {chance.choice(NOUNS)}.",
                f"| {chance.choice(NOUNS)} | {value} |",
                f"```\n{value}\n```",
            ]
        )
    )
    text, at = filled(chance, line, lambda c: f"- The {c.choice(NOUNS)} reads the {c.choice(NOUNS)}.")
    return text, at + line.startswith("```")


def header(chance: Random, value: str) -> tuple[str, int]:
    line = chance.choice(
        [
            f"Authorization: Bearer {folded(value)}",
            f"X-Api-Key: {folded(value)}",
            f"Cookie: a=1; session={folded(value)}; b=2",
        ]
    )
    return filled(chance, line, lambda c: f"X-Request-Id: {c.getrandbits(128):032x}")


def difference(chance: Random, value: str) -> tuple[str, int]:
    sign = chance.choice("+-")
    line = f"{sign}{name(chance).lower()} = '{value}'".replace("\n", f"\n{sign}")
    text, at = filled(chance, line, lambda c: f" {c.choice(NOUNS)} = {c.randint(1, 99)}")
    return f"--- a/config.py\n+++ b/config.py\n@@ -1,9 +1,9 @@\n{text}", at + 3


def minified(chance: Random, value: str) -> tuple[str, int]:
    def part(c: Random) -> str:
        word, letter = c.choice(NOUNS), c.choice("xyz")
        return f"function {c.choice('abcdef')}({letter}){{return {letter}.{word}(0x{c.getrandbits(24):x})}}"

    parts = [part(chance) for _ in range(chance.randint(2, 30))]
    return "".join([*parts, f'var t={{k:"{escaped(value)}",n:{chance.randint(0, 9)}}};', *parts[:3]]) + "\n", 1


def table(chance: Random, value: str) -> tuple[str, int]:
    cell = f'"{value}"' if "\n" in value else value
    return filled(
        chance,
        f"{chance.choice(NOUNS)},{cell},{chance.randint(1, 99)}",
        lambda c: f"{c.choice(NOUNS)},,{c.randint(1, 99)}",
    )


CARRIERS = (
    environment,
    json_file,
    yaml_file,
    python,
    shell,
    log,
    address,
    markdown,
    header,
    difference,
    minified,
    table,
)


def embedded(chance: Random, value: str) -> tuple[str, int]:
    """A string of JSON in which a value begins the second line. Not a carrier of the corpus: the search reads bytes, in
    which an escaped line break ends with a word character directly before the value."""
    return json.dumps({"stdout": f"{chance.choice(NOUNS)} done\n{value}\n", "code": 0}) + "\n", 1
