"""Values of services and formats that no list of parts describes. Every value is random.

A value that only its surroundings show is made with them: `NAME=value`.
"""

import base64
import hashlib
from random import Random
from typing import Callable

from formparts import ALNUM, DIGITS, HEX, LOWER, UPPER, URLSAFE, bech32, pem, word

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def characters(chance: Random, alphabet: str, size: int) -> str:
    return "".join(chance.choices(alphabet, k=size))


def identifier(chance: Random) -> str:
    """A UUID of version 4."""
    text = f"{chance.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{chance.choice('89ab')}{text[17:20]}-{text[20:]}"


def uuid_after(beginning: str) -> Callable[[Random], str]:
    return lambda chance: beginning + identifier(chance)


def assigned(beginning: str, alphabet: str, size: int) -> Callable[[Random], str]:
    return lambda chance: beginning + characters(chance, alphabet, size)


def signed(beginning: str, end: str) -> Callable[[Random], str]:
    """A key or an HMAC of 32 bytes in base64, with its padding as it is written there."""
    return lambda chance: beginning + characters(chance, ALNUM, 43) + end


def entra_secret(chance: Random) -> str:
    return f"{characters(chance, ALNUM, 3)}{chance.choice('78')}Q~{characters(chance, ALNUM, 34)}"


def workflow_address(chance: Random) -> str:
    return f"sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig={characters(chance, ALNUM, 43)}"


def braintree(chance: Random) -> str:
    kind = chance.choice(["production", "sandbox"])
    return f"access_token${kind}${characters(chance, LOWER + DIGITS, 16)}${characters(chance, HEX, 32)}"


def contribsys(chance: Random) -> str:
    return f"BUNDLE_GEMS__CONTRIBSYS__COM={characters(chance, HEX, 8)}:{characters(chance, HEX, 8)}"


def convex(chance: Random) -> str:
    name = f"{characters(chance, LOWER, 6)}-{characters(chance, LOWER, 7)}-{chance.randint(100, 999)}"
    return f"prod:{name}|eyJ2MiI6" + characters(chance, ALNUM, 60)


def dotenv_key(chance: Random) -> str:
    return f"dotenv://:key_{characters(chance, HEX, 64)}@dotenv.local/vault/.env.vault?environment=production"


def ifttt(chance: Random) -> str:
    return f"https://maker.ifttt.com/trigger/{word(chance)}/with/key/{characters(chance, ALNUM, 22)}"


def mailchimp(chance: Random) -> str:
    return f"{characters(chance, HEX, 32)}-us{chance.randint(1, 21)}"


def newrelic_license(chance: Random) -> str:
    return characters(chance, HEX, 36) + "NRAL"


def nostr(chance: Random) -> str:
    data = "".join(chance.choices("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", k=51))
    return bech32("NSEC1" + data + "Q").lower()


def onepassword(chance: Random) -> str:
    sizes = (6, 6, 5, 5, 5, 5)
    return "-".join(["A3", *(characters(chance, UPPER + DIGITS, size) for size in sizes)])


def sigstore_key(chance: Random) -> str:
    return pem("-----", "ENCRYPTED SIGSTORE PRIVATE KEY", "-----", "", chance.randbytes(480))


def slack_workflow(chance: Random) -> str:
    team, app = characters(chance, UPPER + DIGITS, 9), characters(chance, UPPER + DIGITS, 10)
    number = chance.randint(10**17, 10**18 - 1)
    return chance.choice(
        [
            f"https://hooks.slack.com/workflows/T{team}/A{app}/{number}/{characters(chance, ALNUM, 24)}",
            f"https://hooks.slack.com/triggers/T{team}/{chance.randint(10**12, 10**13)}/{characters(chance, HEX, 32)}",
        ]
    )


def sourcegraph(chance: Random) -> str:
    return f"sgp_{chance.choice([characters(chance, HEX, 16), 'local'])}_{characters(chance, HEX, 40)}"


def teamcity(chance: Random) -> str:
    return f"eyJ0eXAiOiAiVENWMiJ9.{characters(chance, URLSAFE, 36)}.{characters(chance, URLSAFE, 48)}"


def teams_webhook(chance: Random) -> str:
    first, second, third = (identifier(chance) for _ in range(3))
    path = f"{first}@{second}/IncomingWebhook/{characters(chance, HEX, 32)}/{third}"
    return f"https://{word(chance)}.webhook.office.com/webhookb2/{path}"


def onion_key(chance: Random) -> str:
    return "== ed25519v1-" + "secret: type0 ==\0\0\0" + characters(chance, ALNUM, 64)


def wireguard(chance: Random) -> str:
    return "PrivateKey = " + base64.b64encode(chance.randbytes(32)).decode()


def zapier_webhook(chance: Random) -> str:
    number = chance.randint(10**6, 10**8)
    return f"https://hooks.zapier.com/hooks/catch/{number}/{characters(chance, LOWER + DIGITS, 7)}"


def putty_key(chance: Random) -> str:
    lines = base64.b64encode(chance.randbytes(144)).decode()
    return (
        "PuTTY-User-Key-" + "File-3: ssh-ed25519\nEncryption: none\nComment: key\nPublic-Lines: 2\n"
        f"{lines[:64]}\n{lines[64:128]}\nPrivate-Lines: 1\n{lines[128:]}\n"
    )


def base58check(data: bytes) -> str:
    """Adds four bytes of a double SHA-256, and writes all in base 58."""
    whole = data + hashlib.sha256(hashlib.sha256(data).digest()).digest()[:4]
    number, text = int.from_bytes(whole), ""
    while number:
        number, digit = divmod(number, 58)
        text = BASE58[digit] + text
    return "1" * (len(whole) - len(whole.lstrip(b"\0"))) + text


def extended_key(chance: Random) -> str:
    """BIP 32: version, depth, fingerprint, child, chain code and key."""
    return base58check(bytes.fromhex("0488ade4") + b"\x03" + chance.randbytes(40) + b"\0" + chance.randbytes(32))


def ngrok(chance: Random) -> str:
    return f"NGROK_AUTHTOKEN=2{characters(chance, ALNUM, 26)}_{characters(chance, ALNUM, 21)}"


def linkedin(chance: Random) -> str:
    return f"LINKEDIN_CLIENT_SECRET=WPL_AP1.{characters(chance, ALNUM, 16)}.{characters(chance, ALNUM, 6)}"


def ado_connection(chance: Random) -> str:
    return f"Server=db.{word(chance)}.example;User Id=app;Password={characters(chance, ALNUM, 16)};"


def argon2_hash(chance: Random) -> str:
    return f"$argon2id$v=19$m=65536,t=3,p=4${characters(chance, ALNUM, 22)}${characters(chance, ALNUM, 43)}"


def basic_header(chance: Random) -> str:
    pair = f"{word(chance)}:{characters(chance, ALNUM, 16)}"
    return "Authorization: Basic " + base64.b64encode(pair.encode()).decode()


def bcrypt_hash(chance: Random) -> str:
    return f"$2b$12${characters(chance, ALNUM, 53)}"


def curl_user(chance: Random) -> str:
    return f"curl -sS -u app:{characters(chance, ALNUM, 16)} https://api.{word(chance)}.example/"


def crypt_hash(chance: Random) -> str:
    return f"$6${characters(chance, ALNUM, 16)}${characters(chance, ALNUM, 86)}"


def database_variable(chance: Random) -> str:
    return f"PGPASSWORD={characters(chance, ALNUM, 16)}"


def registry_auth(chance: Random) -> str:
    return '"auth": "' + base64.b64encode(f"robot:{characters(chance, ALNUM, 24)}".encode()).decode() + '"'


def quoted_secret(chance: Random) -> str:
    return f"client_secret='{characters(chance, ALNUM, 32)}'"


def jdbc_address(chance: Random) -> str:
    return f"jdbc:postgresql://db.{word(chance)}.example:5432/app?user=app&password={characters(chance, ALNUM, 14)}"


def netrc_login(chance: Random) -> str:
    return f"machine api.{word(chance)}.example login app password {characters(chance, ALNUM, 16)}"


def password_field(chance: Random) -> str:
    return f"password='{characters(chance, ALNUM, 14)}'"
