"""Random CEL expressions that are mostly well-typed: each is built for a kind of value, rarely for another.

They avoid known differences between engines: the order of maps, the sign of `math.sign(-0.0)`, texts of large doubles
and of fractions of a second, years before 1000 as text, an end of `substring` at the end of its string, `!!` and `--`
before operands of another type, lists as keys, 2^63 next to the largest int, and bindings to an error that is never
used.
"""

import json
import random
import re

INTEGERS = ("0", "1", "-1", "2", "3", "7", "10", "-5", "100", "0x1F", "9223372036854775807",
            "-9223372036854775808", "9007199254740991", "4611686018427387904")
DOUBLES = ("0.0", "-0.0", "1.0", "0.5", "-2.5", "3.7", "1e3", "1e-3", "1e300", "9007199254740993.0",
           "9223372036854774784.0", "-1e19")
TEXTS = ("", "a", "b", "abc", "Abc d", "a,b,,c", " padded ", "é", "𝄞x", "12", "-3", "1.5", "true",
         "production", "it's", 'say "x"', "back\\slash", "tab\tnew\nline")
PATTERNS = ("a", "^a", "b+c?$", "[0-9]+", "^(a|b)*$", "\\\\d", "[^a-z]", "(?i)ABC")
TIMES = ("2027-01-01T00:00:00Z", "2026-11-20T12:34:56Z", "1999-12-31T23:59:59-05:00",
         "1000-01-01T00:00:00Z", "2024-02-29T08:00:00+05:45")
DURATIONS = ("0s", "1s", "-90m", "1h30m", "3600s", "2h")
# The two engines iterate maps in different orders, so no expression depends on that.
KINDS = ("int", "double", "bool", "string", "bytes", "list", "map", "time", "duration", "uint")
# The kinds that may replace another one; engines differ in how they convert and index by the rest.
STRAYS = ("int", "string", "list", "time")


class Guards:
    def __init__(self, chance: random.Random):
        self.chance = chance
        self.scope: list[tuple[str, str]] = []
        self.names = 0

    def arguments(self) -> dict:
        choice = self.chance.choice
        return {
            "n": choice((0, 1, -1, 5, 42, 9007199254740991)), "d": choice((0.5, -1.25, 1024.75)),
            "s": choice(TEXTS), "b": choice((True, False)), "z": None,
            "l": [choice((0, 1, 2, 3)) for _ in range(self.chance.randrange(4))],
            "t": [choice(TEXTS) for _ in range(self.chance.randrange(3))],
            "m": {choice(("k", "é", "a b")): self.chance.randrange(3)},
        }

    def make(self, kind: str, depth: int) -> str:
        if self.chance.random() < 0.02:
            kind = self.chance.choice(STRAYS)
        local = [name for name, of in self.scope if of == kind]
        if local and self.chance.random() < 0.4:
            return self.chance.choice(local)
        if depth <= 0:
            return self.leaf(kind)
        if self.chance.random() < 0.12:
            return self.anything(kind, depth - 1)
        return self.chance.choice(getattr(self, kind))(self, depth - 1)

    def leaf(self, kind: str) -> str:
        choice = self.chance.choice
        match kind:
            case "int":
                return choice((choice(INTEGERS), choice(INTEGERS), "args.n", "args['n']"))
            case "uint":
                return choice(("0u", "1u", "7u", "18446744073709551615u", "0xFFu"))
            case "double":
                return choice((choice(DOUBLES), choice(DOUBLES), "args.d"))
            case "bool":
                return choice(("true", "false", "args.b", "has(args.n)", "has(args.nope)",
                               "args.nope", "args.z == null"))
            case "string":
                return choice((self.quoted(choice(TEXTS)), "args.s", "args.t[0]"))
            case "bytes":
                return choice(("b''", "b'a'", r"b'\xff\000'", "b'é'", "bytes('abc')"))
            case "list":
                return choice(("[]", "[1, 2, 3]", "args.l", "[args.n]"))
            case "map":
                return choice(("{}", "{'a': 1}", "args.m", "{'k': 1, 'é': 2}"))
            case "time":
                return f"timestamp('{choice(TIMES)}')"
            case "duration":
                return f"duration('{choice(DURATIONS)}')"

    def quoted(self, text: str) -> str:
        """One of the spellings of a string in CEL."""
        body = json.dumps(text, ensure_ascii=self.chance.random() < 0.3)
        if "\\ud" in body:
            body = json.dumps(text, ensure_ascii=False)
        if self.chance.random() < 0.3 and not set(text) & set("'\\\n\t"):
            return self.chance.choice(("'{}'", "r'{}'", "'''{}'''")).format(text)
        return body

    def anything(self, kind: str, depth: int) -> str:
        """Forms that any kind can take."""
        form = self.chance.randrange(6)
        make = self.make
        if form == 0:
            return f"({make('bool', depth)} ? {make(kind, depth)} : {make(kind, depth)})"
        if form == 1:
            return f"[{make(kind, depth)}, {make(kind, depth)}][{self.chance.randrange(3)}]"
        if form == 2:
            return f"{{'k': {make(kind, depth)}}}.{self.chance.choice(('k', 'k', 'x'))}"
        if form == 3:
            return f"optional.of({make(kind, depth)}).orValue({make(kind, depth)})"
        if form == 4:
            return f"dyn({make(kind, depth)})"
        # The value must not be an error: an engine may or may not evaluate an unused value.
        of, value = self.chance.choice((
            ("int", "args.n"), ("int", "7"), ("string", "args.s"), ("bool", "args.b"),
            ("list", "args.l"), ("map", "args.m")))
        return self.bound(lambda name: f"cel.bind({name}, {value}, {make(kind, depth)})", of)

    def bound(self, build, kind: str) -> str:
        name = f"v{self.names}"
        self.names += 1
        self.scope.append((name, kind))
        text = build(name)
        self.scope.pop()
        return text

    def over(self, macro: str, of: str, depth: int) -> str:
        """A macro over a list of ints, with a body of the given kind."""
        range_ = self.make("list", depth)
        return self.bound(lambda x: f"{range_}.{macro}({x}, {self.make(of, depth)})", "int")


def fill(form: str):
    """Makes a form with kinds in angle brackets: `<int> + <int>`."""
    parts = re.split(f"<({'|'.join(KINDS)})>", form)

    def build(guards: Guards, depth: int) -> str:
        text = "".join(
            guards.make(piece, depth) if place % 2 else piece for place, piece in enumerate(parts))
        return f"({text})" if " " in form else text

    return build


def pattern(guards: Guards, depth: int) -> str:
    return f"{guards.make('string', depth)}.matches('{guards.chance.choice(PATTERNS)}')"


def comparison(guards: Guards, depth: int) -> str:
    kind = guards.chance.choice(KINDS)
    sign = guards.chance.choice(("==", "!=", "<", "<=", ">", ">="))
    if kind in ("list", "map") and sign not in ("==", "!="):
        sign = "=="
    left, right = guards.make(kind, depth), guards.make(kind, depth)
    # Equal operands, which chance rarely makes, distinguish `<` from `<=`.
    if guards.chance.random() < 0.25:
        right = left
    if kind in ("int", "double") and guards.chance.random() < 0.3:
        left, right = f"dyn({left})", guards.make("double", depth)
    return f"({left} {sign} {right})"


def macro(name: str, of: str):
    return lambda guards, depth: guards.over(name, of, depth)


Guards.int = [fill(form) for form in (
    "<int> + <int>", "<int> - <int>", "<int> * <int>", "<int> / <int>", "<int> % <int>", "-(<int>)",
    "size(<string>)", "<list>.size()", "[<int>, ?args.?n].size()", "<map>.size()",
    "<bytes>.size()", "int(<double>)",
    "int(<string>)", "int(<uint>)", "<string>.indexOf(<string>)", "<string>.lastIndexOf(<string>)",
    "<list>[<int>]", "<map>['k']", "math.greatest(<int>, <int>)", "math.least([<int>, <int>])",
    "math.abs(<int>)", "math.sign(<int>)", "math.bitAnd(<int>, <int>)", "math.bitOr(<int>, <int>)",
    "math.bitShiftLeft(<int>, 3)", "math.bitShiftRight(<int>, 2)", "<time>.getFullYear()",
    "<time>.getDayOfWeek()", "<time>.getHours()", "<duration>.getMinutes()", "int(<time>)",
    "args.?n.orValue(<int>)", "<list>[?<int>].orValue(<int>)", "<map>[?'é'].orValue(<int>)")]
Guards.uint = [fill(form) for form in (
    "<uint> + <uint>", "<uint> - <uint>", "<uint> * <uint>", "<uint> / <uint>", "<uint> % <uint>",
    "uint(<int>)", "uint(<double>)", "math.bitXor(<uint>, <uint>)")]
Guards.double = [fill(form) for form in (
    "<double> + <double>", "<double> - <double>", "<double> * <double>", "<double> / <double>",
    "-(<double>)", "double(<int>)", "double(<string>)", "double(<uint>)", "math.ceil(<double>)",
    "math.floor(<double>)", "math.round(<double>)", "math.trunc(<double>)",
    "math.greatest(<double>, <double>)", "math.abs(<double>)")]
Guards.bool = [comparison] * 10 + [pattern,
               macro("all", "bool"), macro("exists", "bool"), macro("exists_one", "bool")] + [
    fill(form) for form in (
        "<bool> && <bool>", "<bool> || <bool>", "!(<bool>)", "<int> in <list>",
        "args.s in <map>", "<string> in [<string>, <string>]", "<string>.startsWith(<string>)",
        "<string>.endsWith(<string>)", "<string>.contains(<string>)", "bool(<string>)",
        "math.isNaN(<double>)", "math.isFinite(<double>)", "has(args.m.k)", "has(<map>.k)",
        "optional.ofNonZeroValue(<int>).hasValue()", "<map>.?k.hasValue()",
        "type(<int>) == type(<double>)", "<list>.map(x, x > 1).exists(y, y)")]
Guards.string = [fill(form) for form in (
    "<string> + <string>", "string(<int>)", "string(args.d)", "string(<bool>)", "string(<bytes>)",
    "string(<uint>)", "string(<time>)", "string(<duration>)", "<string>.lowerAscii()",
    "<string>.upperAscii()", "<string>.trim()", "<string>.charAt(<int>)", "<string>.substring(<int>)",
    "<string>.replace(<string>, <string>)",
    "<string>.replace(<string>, <string>, <int>)", "<string>.split(',').join('-')",
    "[<string>, <string>].join()", "'%s and %d'.format([<string>, <int>])",
    "'%.3f %e'.format([<double>, <double>])", "'%x %X %b %o'.format([<int>, <string>, <int>, <int>])",
    "'%s'.format([args.l])", "'%s'.format([args.d])", "strings.quote(<string>)",
    "base64.encode(<bytes>)", "<string>.reverse()")]
Guards.bytes = [fill(form) for form in (
    "<bytes> + <bytes>", "bytes(<string>)", "base64.decode(base64.encode(<bytes>))")]
Guards.list = [macro("map", "int"), macro("filter", "bool")] + [fill(form) for form in (
    "<list> + <list>", "[<int>, <int>]", "[<int>].map(x, x > 0, x + 1)")]
Guards.map = [fill(form) for form in (
    "{'k': <int>}", "{'k': <int>, <string>: <int>}", "{?'k': args.?n}", "{'a': <int>, 'é': <int>}")]
Guards.time = [fill(form) for form in (
    "<time> + <duration>", "<time> - <duration>", "timestamp(<int>)", "timestamp(string(<time>))")]
Guards.duration = [fill(form) for form in (
    "<duration> + <duration>", "<duration> - <duration>", "<time> - <time>",
    "duration(string(<duration>))")]
