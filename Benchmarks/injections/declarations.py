"""What a reviewer would state of a tool's flow of values, by one rule for every tool of every set: from the names of the
tool, its server and its arguments, its class, and the review of its server. It knows nothing of the tasks."""

import re

# Arguments that are prose: they do not decide where an effect lands. Every other one is a key.
PROSE = {"text", "body", "content", "subject", "title", "description", "summary", "comment", "note", "notes", "reason",
         "reference", "caption", "remark", "remarks"}
# What outsiders write, also where the server is the organisation's own.
OUTSIDE = {"mail", "mails", "email", "emails", "inbox", "message", "messages", "letter", "letters", "ticket", "tickets",
           "issue", "issues", "review", "reviews", "comment", "comments", "web", "page", "pages", "browser", "feed",
           "forum", "post", "posts", "chat", "attachment", "attachments"}
LINKS, SEARCHES = {"url", "uri", "link"}, {"search", "find", "lookup", "query"}
# Verbs of tools, each with the other verbs by which people ask for the same.
SYNONYMS = {
    "send": "mail email write tell inform notify", "mail": "send email write tell inform notify",
    "email": "send mail write tell inform notify", "notify": "send mail write tell inform",
    "reply": "answer respond write", "answer": "reply respond write", "respond": "reply answer write",
    "forward": "send pass", "post": "publish write submit", "comment": "reply answer respond write post",
    "pay": "transfer settle", "transfer": "pay send wire", "refund": "reimburse repay", "credit": "compensate reimburse",
    "book": "reserve", "reserve": "book", "cancel": "revoke", "delete": "remove erase", "remove": "delete erase",
    "erase": "delete remove", "close": "end resolve finish", "share": "give show send", "invite": "ask",
    "add": "create make put enter register", "create": "make add schedule plan", "set": "change update adjust",
    "edit": "change update correct write", "update": "change edit set", "change": "update edit set",
    "write": "save store edit update create add", "label": "tag mark", "tag": "label mark", "archive": "file",
    "merge": "", "push": "", "protect": "lock", "lock": "protect", "deploy": "release ship", "run": "start trigger",
}


def words(name: str) -> list[str]:
    return [word for word in re.split(r"[^a-z0-9]+", name.lower()) if len(word) > 1]


def statements(server: str, is_internal: bool, name: str, tool: dict) -> dict:
    """The statements of a tool's entry, as the policy has them; those that say nothing are left out."""
    arguments, own = tool["args"], words(name)
    is_read = tool["class"] == "read"
    sends = is_read and bool(LINKS & set(arguments) or not is_internal and SEARCHES & set(own))
    stated: dict = {}
    if is_read and is_internal and OUTSIDE & {*own, *words(server)}:
        stated["source"] = "untrusted"
    if sends:
        stated["sends"] = True
    keys = [argument for argument in arguments if argument not in PROSE]
    if (not is_read or sends) and keys and len(keys) < len(arguments):
        stated["keys"] = keys
    if not is_read:
        stated["intent"] = intent(own)
    return stated


def intent(own: list[str]) -> list[str]:
    """The first known verb of a tool's name with its synonyms; a name without one stands for itself."""
    verb = next((word for word in own if word in SYNONYMS), None)
    return sorted({verb, *SYNONYMS[verb].split()} if verb else set(own))


def text(stated: dict) -> str:
    """The statements as members of a mapping of YAML, each after a comma."""
    def value(one) -> str:
        match one:
            case bool(): return "true" if one else "false"
            case list(): return "[" + ", ".join(f'"{word}"' for word in one) + "]"
        return one
    return "".join(f", {name}: {value(one)}" for name, one in stated.items())
