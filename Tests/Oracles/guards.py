"""Guards as formulas of Z3, written from the semantics of CEL and not from the code under test.

Each expression becomes two formulas, one for true and one for false; if neither holds, the result is an error. A path
of the input has a kind, and a value for each kind that has more than one.
"""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

import z3

ABSENT, NULL, FALSE, TRUE, NUMBER, STRING, LIST, OBJECT = range(8)
COMPARISONS = {"_<_": "<", "_<=_": "<=", "_>_": ">", "_>=_": ">="}
FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass
class Place:
    path: tuple

    def __post_init__(self):
        name = ".".join(self.path)
        self.kind = z3.Int(name + "?kind")
        self.number = z3.Real(name + "?number")
        self.string = z3.String(name + "?string")
        self.count = z3.Int(name + "?count")


class Input:
    """The paths that guards read, and the constraints that hold for every input."""

    def __init__(self):
        self.places = {}
        self.now = z3.Int("now")

    def place(self, path):
        return self.places.setdefault(path, Place(path))

    def reached(self, path):
        """Formula: every container of the path is an object."""
        return z3.And([self.place(path[:n]).kind == OBJECT for n in range(2, len(path))])

    def at(self, arguments, now):
        """The substitution for one input: each variable with its value, so that no variable is left free."""
        pairs = [(self.now, z3.IntVal(now))]
        for path, place in self.places.items():
            value = found(arguments, path[1:])
            kind = kind_of(value)
            pairs += [(place.kind, z3.IntVal(kind)),
                      (place.number, z3.RealVal(Fraction(value) if kind == NUMBER else 0)),
                      (place.string, z3.StringVal(value if kind == STRING else "")),
                      (place.count, z3.IntVal(len(value) if kind in (LIST, OBJECT) else 0))]
        return pairs

    def axioms(self):
        for place in self.places.values():
            yield z3.And(place.kind >= ABSENT, place.kind <= OBJECT, place.count >= 0)


NOTHING = object()


def found(value, names):
    for name in names:
        if not isinstance(value, dict) or name not in value:
            return NOTHING
        value = value[name]
    return value


def kind_of(value):
    if value is NOTHING:
        return ABSENT
    if value is None:
        return NULL
    if isinstance(value, bool):
        return TRUE if value else FALSE
    if isinstance(value, (int, float)):
        return NUMBER
    return {str: STRING, list: LIST, dict: OBJECT}[type(value)]


def translate(node, inputs):
    """Returns the formulas (true, false)."""
    kind, *parts = node
    if kind == "bool":
        return z3.BoolVal(parts[0]), z3.BoolVal(not parts[0])
    if kind == "not":
        true, false = translate(parts[0], inputs)
        return false, true
    if kind in ("_&&_", "_||_"):
        (a, not_a), (b, not_b) = (translate(part, inputs) for part in parts)
        if kind == "_&&_":
            return z3.And(a, b), z3.Or(not_a, not_b)
        return z3.Or(a, b), z3.And(not_a, not_b)
    if kind == "if":
        (c, not_c), (a, not_a), (b, not_b) = (translate(part, inputs) for part in parts)
        return z3.Or(z3.And(c, a), z3.And(not_c, b)), z3.Or(z3.And(c, not_a), z3.And(not_c, not_b))
    if kind == "has":
        path = path_of(parts[0]) + (parts[1],)
        here, reached = inputs.place(path), inputs.reached(path)
        return z3.And(reached, here.kind != ABSENT), z3.And(reached, here.kind == ABSENT)
    if kind == "_==_":
        return member(parts[0], [parts[1]], inputs)
    if kind == "_!=_":
        true, false = member(parts[0], [parts[1]], inputs)
        return false, true
    if kind == "@in":
        return member(parts[0], parts[1][1], inputs)
    if kind in COMPARISONS:
        return ordered(parts[0], COMPARISONS[kind], parts[1], inputs)
    if kind in ("startsWith", "endsWith", "contains"):
        test = {"startsWith": z3.PrefixOf, "endsWith": z3.SuffixOf}
        path, text = path_of(parts[0]), z3.StringVal(parts[1][1])
        here, reached = inputs.place(path), inputs.reached(path)
        holds = z3.Contains(here.string, text) if kind == "contains" else test[kind](text, here.string)
        return decided(z3.And(reached, here.kind == STRING), holds)
    path = path_of(node)
    here, reached = inputs.place(path), inputs.reached(path)
    return z3.And(reached, here.kind == TRUE), z3.And(reached, here.kind == FALSE)


def decided(applies, holds):
    return z3.And(applies, holds), z3.And(applies, z3.Not(holds))


def path_of(node):
    kind, *parts = node
    if kind == "name":
        return (parts[0],)
    if kind == "select":
        return path_of(parts[0]) + (parts[1],)
    assert kind == "index", node
    return path_of(parts[0]) + (parts[1][1],)


def is_constant(node):
    return node[0] in ("null", "bool", "number", "string", "negate", "timestamp")


def number(node):
    return -number(node[1]) if node[0] == "negate" else Fraction(node[1])


def member(left, constants, inputs):
    if is_constant(left):
        left, constants = constants[0], [left]
    if left[0] == "size":
        applies, size = sized(left[1], inputs)
        return decided(applies, z3.Or([size == z3.RealVal(number(c)) for c in constants]))
    if left == ["name", "now"]:
        return decided(z3.BoolVal(True), z3.Or([inputs.now == milliseconds(c) for c in constants]))
    path = path_of(left)
    here, reached = inputs.place(path), inputs.reached(path)
    equal = z3.Or([equals(here, constant) for constant in constants])
    return decided(z3.And(reached, here.kind != ABSENT), equal)


def equals(here, constant):
    kind = constant[0]
    if kind == "null":
        return here.kind == NULL
    if kind == "bool":
        return here.kind == (TRUE if constant[1] else FALSE)
    if kind == "string":
        return z3.And(here.kind == STRING, here.string == z3.StringVal(constant[1]))
    return z3.And(here.kind == NUMBER, here.number == z3.RealVal(number(constant)))


def sized(node, inputs):
    path = path_of(node)
    here, reached = inputs.place(path), inputs.reached(path)
    applies = z3.And(reached, z3.Or(here.kind == STRING, here.kind == LIST, here.kind == OBJECT))
    return applies, z3.ToReal(z3.If(here.kind == STRING, z3.Length(here.string), here.count))


def ordered(left, sign, right, inputs):
    if is_constant(left):
        left, sign, right = right, FLIPPED[sign], left
    if left[0] == "size":
        applies, size = sized(left[1], inputs)
        return decided(applies, compared(size, sign, z3.RealVal(number(right))))
    if left == ["name", "now"]:
        return decided(z3.BoolVal(True), compared(z3.ToReal(inputs.now), sign, milliseconds(right)))
    path = path_of(left)
    here, reached = inputs.place(path), inputs.reached(path)
    if right[0] == "string":
        return decided(z3.And(reached, here.kind == STRING), compared(here.string, sign, z3.StringVal(right[1])))
    return decided(z3.And(reached, here.kind == NUMBER), compared(here.number, sign, z3.RealVal(number(right))))


def compared(a, sign, b):
    return {"<": lambda: a < b, "<=": lambda: a <= b, ">": lambda: b < a, ">=": lambda: b <= a}[sign]()


def milliseconds(node):
    text = node[1][1].removesuffix("Z")
    whole, _, fraction = text.partition(".")
    seconds = int(datetime.fromisoformat(whole + "+00:00").timestamp())
    return z3.RealVal((seconds + Fraction(int(fraction or 0), 10 ** len(fraction))) * 1000)
