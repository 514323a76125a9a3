"""Values in the forms that issuers document, for a labelled corpus of secrets: true ones, and the near misses of each.

A form is a list of parts, so that no file of this repository has a whole value. It is written from what issuers say of
their tokens, not from the rules of the program. Every value is random, and belongs to no account.
"""

import base64
import json
import zlib
from random import Random
from typing import Callable

from formparts import (
    ALNUM,
    BASE32,
    BECH32,
    DIGITS,
    GENERIC,
    HEX,
    LOWER,
    MARK,
    PRIVATE_KEY,
    TOKEN,
    UPPER,
    URLSAFE,
    Form,
    Made,
    Some,
    bech32,
    pem,
    unpadded,
    word,
)
from serviceforms import SERVICE_FORMS


def crc_base62(text: str) -> str:
    """Adds the CRC-32 of what follows the prefix, in six digits of base 62: GitHub's and npm's checksum."""
    number, digits = zlib.crc32(text.partition("_")[2].encode()), ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits = (DIGITS + UPPER + LOWER)[digit] + digits
    return text + digits


def crc_hex(text: str) -> str:
    """Adds `=` and a CRC-32 in hexadecimal digits: the end of Atlassian's tokens."""
    return f"{text}={zlib.crc32(text.encode()):08X}"


def macaroon(host: bytes) -> Callable[[Random], str]:
    """PyPI's tokens: a macaroon of version 2 with a location, an identifier, a caveat and a signature."""

    def make(chance: Random) -> str:
        identifier = f"{chance.getrandbits(128):032x}"
        identifier = "-".join(identifier[a:b] for a, b in ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32))).encode()
        caveat = json.dumps([3, f"{chance.getrandbits(64):x}"]).encode()
        data = b"\x02\x01" + bytes([len(host)]) + host + b"\x02" + bytes([len(identifier)]) + identifier + b"\x00"
        data += b"\x02" + bytes([len(caveat)]) + caveat + b"\x00\x00\x06\x20" + chance.randbytes(32)
        return "pypi-" + unpadded(data)

    return make


def json_web_token(chance: Random) -> str:
    """Headers and claims of several issuers, with members in their own order and spaces as they write them."""
    algorithm, size = chance.choice(
        [("HS256", 32), ("HS512", 64), ("RS256", 256), ("ES256", 64), ("EdDSA", 64), ("PS384", 256)]
    )
    key = f"{chance.getrandbits(64):x}"
    header = chance.choice(
        [
            {"alg": algorithm},
            {"alg": algorithm, "typ": "JWT"},
            {"typ": "JWT", "alg": algorithm},
            {"alg": algorithm, "kid": key},
            {"kid": key, "typ": "JWT", "alg": algorithm},
            {"typ": "at+jwt", "alg": algorithm, "kid": key},
            {
                "typ": "JWT",
                "alg": algorithm,
                "x5t": unpadded(chance.randbytes(20)),
                "kid": unpadded(chance.randbytes(20)),
            },
            {"alg": algorithm, "jku": f"https://id.{word(chance)}.example/keys", "kid": key, "typ": "JWT"},
        ]
    )
    at = chance.randint(1_700_000_000, 1_900_000_000)
    claims = chance.choice(
        [
            {"sub": f"user-{chance.randint(1, 10**6)}"},
            {"iss": f"https://id.{word(chance)}.example", "sub": word(chance), "exp": at},
            {"exp": at, "iat": at - 3600, "jti": key, "scope": "read write"},
            {"aud": word(chance), "email": f"{word(chance)}@mail.example"},
            {"iat": at, "nbf": at, "exp": at + 60, "roles": [word(chance) for _ in range(chance.randint(1, 30))]},
        ]
    )
    separators = chance.choice([(",", ":"), (",", ":"), (",", ":"), (", ", ": ")])
    texts = [unpadded(json.dumps(part, separators=separators).encode()) for part in (header, claims)]
    return ".".join([*texts, unpadded(chance.randbytes(size))])


def storage_key(chance: Random) -> str:
    key = base64.b64encode(chance.randbytes(64)).decode()
    whole = (
        f"DefaultEndpointsProtocol=https;AccountName={word(chance)};AccountKey={key};EndpointSuffix=core.windows.net"
    )
    return chance.choice([whole, f"AccountName={word(chance)};AccountKey={key}", f"AccountKey={key}"])


def address_with_password(chance: Random) -> str:
    scheme, port = chance.choice(
        [
            ("postgres", 5432),
            ("postgresql", 5432),
            ("mysql", 3306),
            ("mongodb", 27017),
            ("https", 443),
            ("mongodb+srv", 0),
            ("redis", 6379),
            ("rediss", 6380),
            ("amqp", 5672),
            ("amqps", 5671),
        ]
    )
    secret = "".join(chance.choices(ALNUM + "._~!*+-", k=chance.randint(10, 24)))
    end = f":{port}" if port else ""
    user, host = chance.choice(["app", "svc_read", word(chance)]), f"{word(chance)}.{word(chance)}.example"
    return f"{scheme}://{user}:{secret}@{host}{end}/{word(chance)}"


def private_key(chance: Random) -> str:
    """Blocks of PEM, OpenPGP and OpenSSH, whose bytes begin as those of true keys and are random."""
    label, begin, size, head = chance.choice(
        [
            ("RSA PRIVATE KEY", b"\x30\x82\x04\xa4\x02\x01\x00\x02\x82\x01\x01\x00", 1190, ""),
            ("PRIVATE KEY", b"\x30\x82\x04\xbe\x02\x01\x00\x30\x0d\x06\x09", 1200, ""),
            ("PRIVATE KEY", b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20", 32, ""),
            ("EC PRIVATE KEY", b"\x30\x77\x02\x01\x01\x04\x20", 112, ""),
            ("DSA PRIVATE KEY", b"\x30\x82\x01\xbb\x02\x01\x00", 440, ""),
            ("ENCRYPTED PRIVATE KEY", b"\x30\x82\x05\x0e\x30\x40\x06\x09", 1280, ""),
            (
                "RSA PRIVATE KEY",
                b"",
                1200,
                f"Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,{chance.getrandbits(128):032X}\n\n",
            ),
            ("OPENSSH PRIVATE KEY", b"openssh-key-v1\x00\x00\x00\x00\x04none\x00\x00\x00\x04none", 370, ""),
            ("PGP PRIVATE KEY BLOCK", b"\x95\x01\xd8\x04", 700, "\n"),
            ("PGP PRIVATE KEY BLOCK", b"\xc5\x86\x06", 140, "Version: GnuPG v2\n\n"),
        ]
    )
    return pem("-----", label, "-----", head, begin + chance.randbytes(size))


def marker_alone(chance: Random) -> str:
    """The marker of a private key before a line break, and no key: code, documentation and placeholders."""
    label = chance.choice(["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "]) + "PRIVATE KEY"
    begin, end = f"-----BEGIN {label}-----", f"-----END {label}-----"
    return chance.choice(
        [
            f'return "{begin}\\n" + body + end',
            f'"{begin}\\n<your-key>\\n{end}\\n"',
            f'"{begin}\\nXXXX\\nXXXX\\n"',
            f'"{begin}\\nMIIE...\\n{end}\\n"',
            f'"{begin}\\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC...\\n{end}\\n"',
        ]
    )


def ssh2_private_key(chance: Random) -> str:
    """As ssh.com writes it: four dashes and a space."""
    data = b"\x3f\x6f\xf9\xeb" + chance.randbytes(600)
    return pem("---- ", "SSH2 ENCRYPTED PRIVATE KEY", " ----", f'Comment: "{word(chance)}, 2048-bit rsa"\n', data)


def anthropic(kind: str) -> Form:
    return Form("anthropic-key", (f"sk-ant-{kind}-", Some(URLSAFE, 93), "AA"))


def gitlab(kind: str, size: int, alphabet: str = URLSAFE) -> Form:
    return Form("gitlab-token", (f"gl{kind}-", Some(alphabet, size)))


OPENAI = "T3BlbkFJ"
FORMS: list[Form | Made] = [
    Form("age-secret-key", ("AGE-SECRET-KEY-1", Some(BECH32.upper(), 51), "Q"), seal=bech32),
    anthropic("api03"),
    anthropic("admin01"),
    anthropic("oat01"),
    anthropic("sid01"),
    Form("atlassian-token", ("ATATT3", "xFfGF0", Some(URLSAFE, 171)), seal=crc_hex),
    *(
        Form("aws-access-key", (kind, Some(BASE32, 16)), exact=True)
        for kind in ("AKIA", "ASIA", "AKIA", "ABIA", "ACCA")
    ),
    Made("azure-storage-key", storage_key),
    Form("databricks-token", ("dapi", Some(HEX, 32)), exact=True),
    Form("databricks-token", ("dapi", Some(HEX, 32), "-", "2")),
    *(Form("digitalocean-token", (f"do{kind}_v1_", Some(HEX, 64)), exact=True) for kind in "opr"),
    Form("docker-token", ("dckr_pat_", Some(URLSAFE, 27)), exact=True),
    Form("docker-token", ("dckr_oat_", Some(URLSAFE, 32))),
    *(Form("doppler-token", (f"dp.{kind}.", Some(ALNUM, 40, 44))) for kind in ("pt", "ct", "sa", "scim", "audit")),
    Form("doppler-token", ("dp.st.", Some(LOWER, 3, 8), "_", Some(LOWER, 3, 8), ".", Some(ALNUM, 40, 44))),
    Form("github-fine-grained", ("github_pat_", Some(ALNUM, 22), "_", Some(ALNUM, 59)), exact=True),
    *(Form("github-token", (f"gh{kind}_", Some(ALNUM, 30)), seal=crc_base62, exact=True) for kind in "pppous"),
    Form("github-token", ("ghr_", Some(ALNUM, 70)), seal=crc_base62, exact=True),
    gitlab("pat", 20),
    gitlab("pat", 20),
    gitlab("dt", 20),
    gitlab("rt", 20),
    gitlab("ptt", 40, HEX),
    gitlab("oas", 64, HEX),
    gitlab("soat", 20),
    gitlab("ft", 20),
    gitlab("imt", 25),
    gitlab("agent", 50),
    gitlab("ffct", 20),
    Form("gitlab-token", ("glcbt-", Some(HEX, 2), "_", Some(URLSAFE, 20))),
    Form("gitlab-token", ("glpat-", Some(URLSAFE, 27), ".", Some(DIGITS + LOWER, 2), ".", Some(DIGITS + LOWER, 9))),
    Form("google-access-token", ("ya29.", "a0A", Some(URLSAFE, 130, 210))),
    Form("google-access-token", ("ya29.", "c.", Some(URLSAFE, 180, 900))),
    Form("google-api-key", ("AIza", "Sy", Some(URLSAFE, 33)), exact=True),
    Form("google-oauth-secret", ("GOCSPX-", Some(URLSAFE, 28)), exact=True),
    Form("google-refresh-token", ("1//0", Some(DIGITS + LOWER, 1), Some(URLSAFE, 95, 100))),
    Form("grafana-token", ("glsa_", Some(ALNUM, 32), "_", Some(HEX, 8)), exact=True),
    Form("huggingface-token", ("hf_", Some(LOWER + UPPER, 34)), exact=True),
    Made("jwt", json_web_token),
    Form("linear-key", ("lin_api_", Some(ALNUM, 40)), exact=True),
    Form("newrelic-key", ("NRAK-", Some(UPPER + DIGITS, 27)), exact=True),
    Form("npm-token", ("npm_", Some(ALNUM, 30)), seal=crc_base62, exact=True),
    Form("openai-key", ("sk-", Some(ALNUM, 20), OPENAI, Some(ALNUM, 20))),
    *(
        Form("openai-key", (f"sk-{kind}-", Some(URLSAFE, size), OPENAI, Some(URLSAFE, size)))
        for kind, size in (("proj", 74), ("proj", 20), ("svcacct", 74), ("svcacct", 58), ("admin", 58), ("admin", 74))
    ),
    Form("postman-key", ("PMAK-", Some(HEX, 24), "-", Some(HEX, 34)), exact=True),
    Made("private-key", private_key, kind=PRIVATE_KEY),
    Made("private-key-marker", marker_alone, MARK, GENERIC),
    Made("ssh2-private-key", ssh2_private_key, kind=PRIVATE_KEY),
    Form("pulumi-token", ("pul-", Some(HEX, 40)), exact=True),
    Made("pypi-token", macaroon(b"pypi.org")),
    Made("pypi-token", macaroon(b"test.pypi.org")),
    Form("rubygems-key", ("rubygems_", Some(HEX, 48)), exact=True),
    Form("sendgrid-key", ("SG.", Some(URLSAFE, 22), ".", Some(URLSAFE, 43)), exact=True),
    *(Form("shopify-token", (f"shp{kind}_", Some(HEX, 32)), exact=True) for kind in ("at", "ca", "pa", "ss", "ua")),
    Form(
        "slack-app-token",
        ("xapp-", "1-A", Some(UPPER + DIGITS, 10), "-", Some(DIGITS, 13), "-", Some(HEX, 64)),
        exact=True,
    ),
    Form("slack-token", ("xoxb-", Some(DIGITS, 10, 13), "-", Some(DIGITS, 10, 13), "-", Some(ALNUM, 24))),
    Form("slack-token", ("xoxp-", *(Some(DIGITS, 12), "-") * 3, Some(HEX, 32))),
    Form("slack-token", ("xoxe-", "1-", Some(ALNUM, 146))),
    Form("slack-token", ("xoxe.", "xoxp-", "1-", Some(ALNUM, 163))),
    Form(
        "slack-webhook",
        (
            "https://hooks.slack",
            ".com/services/T",
            Some(UPPER + DIGITS, 8, 10),
            "/B",
            Some(UPPER + DIGITS, 8, 10),
            "/",
            Some(ALNUM, 24),
        ),
        exact=True,
    ),
    Form("square-secret", ("sq0csp-", Some(URLSAFE, 43)), exact=True),
    *(Form("stripe-key", (f"{kind}_live_", Some(ALNUM, 24))) for kind in ("sk", "rk")),
    *(Form("stripe-key", (f"{kind}_live_", "51", Some(ALNUM, 97))) for kind in ("sk", "rk")),
    *(Form("stripe-test-key", ("sk_test_", Some(ALNUM, size)), strength=MARK) for size in (24, 99)),
    Form("stripe-webhook-secret", ("whsec_", Some(ALNUM, 32))),
    Form("telegram-bot-token", (Some("123456789", 1), Some(DIGITS, 7, 9), ":AA", Some(URLSAFE, 33)), exact=True),
    Form("terraform-token", (Some(ALNUM, 14), ".atlasv1", ".", Some(URLSAFE, 60, 70))),
    Made("url-with-password", address_with_password, MARK, GENERIC),
    Form("vault-token", ("hvs.", "CAESI", Some(URLSAFE, 85))),
    Form("vault-token", ("hvs.", Some(ALNUM, 24))),
    Form("vault-token", ("hvb.", "AAAAAQ", Some(URLSAFE, 140))),
    *SERVICE_FORMS,
]


def by_rule() -> dict[str, list[Form | Made]]:
    found: dict[str, list[Form | Made]] = {}
    for form in FORMS:
        found.setdefault(form.rule, []).append(form)
    return found


def class_of(rule: str) -> tuple[str, str]:
    """The class and the strength of a rule, as the corpus labels them."""
    form = by_rule()[rule][0]
    return getattr(form, "kind", TOKEN), form.strength
