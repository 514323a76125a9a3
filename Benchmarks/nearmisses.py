"""Values that look like secrets and are none, for a labelled corpus: near misses of each documented form, and what
ordinary files are full of.

A near miss is none by its issuer's own definition: a length, a letter, a checksum or a neighbour that no value of the
form has, or a placeholder, which is not random.
"""

import base64
import hashlib
import json
import uuid
from random import Random

from formparts import ALNUM, DIGITS, HEX, LOWER, UPPER, URLSAFE, Form, unpadded, word
from tokenforms import by_rule

WORDED = ("your", "token", "here", "replace", "example", "secret", "insert", "changeme", "placeholder", "sample")


def cut(form: Form, chance: Random) -> str:
    """A value of which a page or a log shows the beginning, as issuers' own pages do."""
    shown = len(form.beginning) + chance.randint(4, 8)
    return form.make(chance)[:shown] + chance.choice(["", "...", "…", "****"])


def one_short(form: Form, chance: Random) -> str:
    """A character less than the issuer states; where a sum follows, without it and one less."""
    return form.change(chance, form.last, lambda text: text[:-1])


def one_long(form: Form, chance: Random) -> str:
    """Three characters more than the form has, of which none may end it."""
    made = form.make(chance)
    return made + "".join(chance.choices(HEX if made[-4:].strip(HEX) == "" else ALNUM, k=3))


def wrong_letter(form: Form, chance: Random) -> str:
    """A character that the form never has, as the fifth of its first long part."""
    wrong = {HEX: "gqz", UPPER + "234567": "0189"}.get(form.parts[form.first_long].alphabet, "*!")
    return form.change(chance, form.first_long, lambda text: text[:4] + chance.choice(wrong) + text[5:])


def wrong_sum(form: Form, chance: Random) -> str:
    made = form.make(chance)
    last = LOWER if made[-1].islower() else UPPER if made[-1].isupper() else DIGITS
    return made[:-1] + chance.choice([letter for letter in last if letter != made[-1] and letter not in "bioBIO1"])


def glued(form: Form, chance: Random) -> str:
    """The end of a longer word: a part of base64 or of an identifier."""
    return "".join(chance.choices(ALNUM, k=chance.randint(1, 12))) + form.make(chance)


def repeated(form: Form, chance: Random) -> str:
    """A placeholder of one character."""
    letter = chance.choice("xX0a*")
    parts = (part if isinstance(part, str) else letter * part.least for part in form.parts)
    return "".join(parts)


def worded(form: Form, chance: Random) -> str:
    """A placeholder of words, as long as they are: `…your-token-here`, `…YOUR_TOKEN_HERE`."""
    words = chance.sample(WORDED, 3)
    text = chance.choice(["-", "_"]).join(words)
    prefix = form.parts[0] if isinstance(form.parts[0], str) else "000"
    return prefix + chance.choice(
        [text, text.upper(), f"<{text}>", f"${{{text.upper()}}}", "EXAMPLE", "EXAMPLEKEY", "..."]
    )


def pattern(form: Form, _: Random) -> str:
    """The regular expression of a search for such values."""
    texts = (part if isinstance(part, str) else f"[A-Za-z0-9_-]{{{part.least}}}" for part in form.parts)
    return "".join(texts)


def kinds_of(form: Form) -> list:
    """The near misses that are none whatever the form is."""
    found = [cut, repeated, worded, pattern, wrong_letter]
    if form.exact:
        found.append(one_short)
        # With `-` in the alphabet the end of a value is not to be seen; behind a sum, a longer one has a wrong sum.
        if form.parts[form.last].alphabet != URLSAFE and form.seal is None:
            found.append(one_long)
    # Atlassian does not document its sum.
    if form.seal and form.rule != "atlassian-token":
        found += [wrong_sum] * 3
    if form.beginning[:1].isalnum() and "." not in form.beginning:
        found.append(glued)
    return found


def padded(chance: Random) -> str:
    """Placeholders of forms that no list of parts describes."""
    return chance.choice(
        [
            "pypi-AgEIcHlwaS5vcmc" + "x" * 80,
            "AccountKey=" + "x" * 86 + "==",
            "AccountKey=" + "A" * 86 + "==",
            f"postgres://user:${{PASSWORD}}@{word(chance)}.example/db",
            "AccountKey=${STORAGE_KEY};EndpointSuffix=core.windows.net",
        ]
    )


def documented(chance: Random) -> str:
    """Values that issuers and libraries print in their documentation, in parts."""
    return chance.choice(
        [
            "AKIA" + "IOSFODNN7EXAMPLE",
            "AKIA" + "I44QH8DHBEXAMPLE",
            "ASIA" + "IOSFODNN7EXAMPLE",
            "sk_test_" + "4eC39HqLyjWDarjtT1zdp7dc",
            "xoxb-" + "not-a-real-token",
            # jwt.io and RFC 7519; the README of PyJWT; that of joserfc.
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9" + ".eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0Ijox"
            "NTE2MjM5MDIyfQ" + ".SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
            + ".eyJzb21lIjoicGF5bG9hZCJ9"
            + ".4twFt5NiznN84AWoo1d7KO1T_yoc0Z6XOpOVswacPZg",
            "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9"
            + ".eyJrIjoidmFsdWUifQ"
            + "._M8ViO_GK6TnZ9G9eqdlS7IpNWzhoGwaYYDQ3hEwwmA",
        ]
    )


def like_a_jwt(chance: Random) -> str:
    """Three parts of base64url that are no JWT: no JSON, or no algorithm; and source maps and other JSON in base64."""
    noise = unpadded(chance.randbytes(24))
    plain = unpadded(json.dumps({"version": 3, "sources": [word(chance)], "names": []}).encode())
    claims = unpadded(json.dumps({"sub": word(chance), "iat": chance.randint(10**9, 2 * 10**9)}).encode())
    return chance.choice(
        [
            f"eyJ{noise}.eyJ{noise}.{noise}",
            f"{plain}.{claims}.{noise}",
            f"{claims}.{noise}",
            "data:application/json;base64," + base64.b64encode(json.dumps({"v": word(chance) * 9}).encode()).decode(),
            unpadded(json.dumps({"alg": "HS256"}).encode()) + f".{noise}.{noise}",
        ]
    )


def marker(chance: Random) -> str:
    return "-----BEGIN " + chance.choice(["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "]) + "PRIVATE KEY-----"


def like_a_key(chance: Random) -> str:
    """Public keys, certificates, requests and markers in code and prose. None has a private key."""
    body = base64.b64encode(chance.randbytes(290)).decode()
    lines = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
    label = chance.choice(
        [
            "PUBLIC KEY",
            "RSA PUBLIC KEY",
            "CERTIFICATE",
            "CERTIFICATE REQUEST",
            "PGP PUBLIC KEY BLOCK",
            "PGP SIGNATURE",
            "SSH SIGNATURE",
            "X509 CRL",
            "EC PARAMETERS",
        ]
    )
    block = f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n"
    begin, point = marker(chance), base64.b64encode(b"ssh-ed25519" + chance.randbytes(40)).decode()
    return chance.choice(
        [
            block,
            block,
            f"if text.startswith({begin!r}): raise ValueError",
            f"the line `{begin}` begins a key",
            f"the marker {begin} begins a key",
            f"{begin}, which begins a key",
            f"ssh-ed25519 {point} a@example",
        ]
    )


def like_an_address(chance: Random) -> str:
    host = f"{word(chance)}.example"
    return chance.choice(
        [
            f"https://{host}:8443/a@{word(chance)}",
            f"postgres://app@{host}/db",
            f"git@{host}:{word(chance)}/x.git",
            f"https://${{USER}}:${{PASSWORD}}@{host}",
            f"redis://{host}:6379/0",
            f"https://user:pass@{host}/",
            f"http://{host}/login?user={word(chance)}&next=/@me",
            f"amqp://{host}:5672/%2f",
        ]
    )


def digest(chance: Random) -> str:
    name = chance.choice(["md5", "sha1", "sha256", "sha512"])
    found = hashlib.new(name, chance.randbytes(16))
    return chance.choice(
        [found.hexdigest(), found.hexdigest().upper(), f"{name}:{found.hexdigest()}", f"{name}={found.hexdigest()}"]
    )


def integrity(chance: Random) -> str:
    """Entries of lock files of npm, Yarn, Go, Cargo and pip."""
    sums = {size: base64.b64encode(chance.randbytes(size)).decode() for size in (20, 32, 64)}
    text = f"{chance.getrandbits(256):064x}"
    return chance.choice(
        [
            f"sha512-{sums[64]}",
            f"sha1-{sums[20]}",
            f"sha384-{base64.b64encode(chance.randbytes(48)).decode()}",
            f"example.com/{word(chance)} v1.{chance.randint(0, 9)}.0 h1:{sums[32]}",
            f"checksum {text}",
            f"--hash=sha256:{text}",
            f"https://registry.example/{word(chance)}/-/{word(chance)}-1.0.0.tgz#{text[:40]}",
        ]
    )


def image(chance: Random) -> str:
    kind, begin = chance.choice(
        [("png", b"\x89PNG\r\n\x1a\n"), ("gif", b"GIF89a"), ("jpeg", b"\xff\xd8\xff\xe0"), ("woff2", b"wOF2")]
    )
    return f"data:image/{kind};base64," + base64.b64encode(begin + chance.randbytes(chance.randint(60, 3000))).decode()


def identifier(chance: Random) -> str:
    """Names of commits, objects, traces, pods and sessions, and numbers with colons."""
    number = chance.getrandbits(128)
    return chance.choice(
        [
            str(uuid.UUID(int=number, version=4)),
            f"{number:032x}",
            f"{number:040x}",
            f"{number:032x}"[:12],
            f"{chance.getrandbits(128):032x}-{chance.getrandbits(64):016x}-01",
            f"index {number:040x}..{number >> 9:040x} 100644",
            f"{word(chance)}-{word(chance)}-7d4b{chance.randint(10, 99)}c9f-x{chance.randint(100, 999)}z",
            "01" + "".join(chance.choices("0123456789ABCDEFGHJKMNPQRSTVWXYZ", k=24)),
            f"{chance.randint(10**8, 10**10)}:{word(chance)}",
            ":".join(f"{chance.getrandbits(16):x}" for _ in range(8)),
            f'W/"{number:x}"',
            "".join(word(chance).title() for _ in range(5)),
            f"arn:aws:iam::{chance.randint(10**11, 10**12)}:role/{word(chance)}",
        ]
    )


def noise(chance: Random) -> str:
    """Random bytes as texts, which begin as no token does."""
    data = chance.randbytes(chance.randint(24, 400))
    return chance.choice(
        [
            base64.b64encode(data).decode(),
            unpadded(data),
            data.hex(),
            base64.b85encode(data).decode().translate({34: 65, 39: 66}),
        ]
    )


GENERAL = (
    like_a_jwt,
    documented,
    padded,
    like_a_key,
    like_a_key,
    like_an_address,
    digest,
    integrity,
    image,
    identifier,
    noise,
)


def made(chance: Random, count: int) -> list[tuple[str, str]]:
    """`count` values with their kind: half of them near misses of a form, in turn by rule, half of them general."""
    forms = [one for one in by_rule().values() if isinstance(one[0], Form)]
    found = []
    for number in range(count // 2):
        form = chance.choice(forms[number % len(forms)])
        kinds = kinds_of(form)
        kind = kinds[number // len(forms) % len(kinds)]
        found.append((f"{form.rule}, {kind.__name__}", kind(form, chance)))
    for number in range(count - len(found)):
        kind = GENERAL[number % len(GENERAL)]
        found.append((kind.__name__, kind(chance)))
    return found
