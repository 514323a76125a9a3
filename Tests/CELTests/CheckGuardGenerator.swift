import InterlockJSON
import InterlockTesting

/// Random guards over one schema, mostly of fitting types, and random arguments that are valid for it.
struct GuardGenerator {
    /// A schema that states every size and leaves no type open, so that the checker knows all types.
    static let schema = """
        {"type": "object", "additionalProperties": false, "required": ["count", "name", "tags"],
         "properties": {
          "count": {"type": "integer"}, "extra": {"type": "integer"},
          "name": {"type": "string", "maxLength": 40}, "kind": {"enum": ["a", "bb", "ccc"]},
          "flag": {"type": "boolean"},
          "tags": {"type": "array", "maxItems": 5, "items": {"type": "string", "maxLength": 20}},
          "numbers": {"type": "array", "maxItems": 6, "items": {"type": "integer"}},
          "labels": {"type": "object", "maxProperties": 4, "additionalProperties":
            {"type": "string", "maxLength": 8}},
          "lines": {"type": "array", "maxItems": 4, "items": {"type": "object",
            "additionalProperties": false, "required": ["price"], "properties":
            {"price": {"type": "integer"}, "note": {"type": "string", "maxLength": 10}}}}}}
        """

    enum Kind: CaseIterable { case bool, int, string, strings, ints }

    var random: SeededGenerator
    /// The macro variables in scope at the current position.
    private var locals: [(name: String, kind: Kind)] = []
    private var macros = 0

    init(_ random: SeededGenerator) { self.random = random }

    mutating func guardText() -> String { text(.bool, 4) }

    private mutating func pick<T>(_ values: [T]) -> T {
        values[Int.random(in: 0..<values.count, using: &random)]
    }

    private mutating func text(_ wanted: Kind, _ depth: Int) -> String {
        // Occasionally another kind, which the checker must reject.
        let kind = Int.random(in: 0..<40, using: &random) == 0 ? pick(Kind.allCases) : wanted
        let known = locals.filter { $0.kind == kind }
        if !known.isEmpty, Int.random(in: 0..<3, using: &random) == 0 { return pick(known).name }
        return depth <= 0 ? leaf(kind) : compound(kind, depth - 1)
    }

    private mutating func leaf(_ kind: Kind) -> String {
        switch kind {
        case .bool: pick(["true", "args.flag", "has(args.extra)", "call.tainted"])
        case .int: pick(["0", "7", "-3", "args.count", "args.extra", "size(args.name)"])
        case .string:
            pick(["'a'", "'long enough to count'", "args.name", "args.kind", "call.server"])
        case .strings: pick(["args.tags", "['a', 'bb']", "[args.name]"])
        case .ints: pick(["args.numbers", "[1, 2, 3]", "[args.count]"])
        }
    }

    private mutating func compound(_ kind: Kind, _ depth: Int) -> String {
        switch kind {
        case .bool: bool(depth)
        case .int: int(depth)
        case .string: string(depth)
        case .strings: list(.string, .strings, depth)
        case .ints: list(.int, .ints, depth)
        }
    }

    private mutating func bool(_ depth: Int) -> String {
        switch Int.random(in: 0..<12, using: &random) {
        case 0: "(\(text(.bool, depth)) && \(text(.bool, depth)))"
        case 1: "(\(text(.bool, depth)) || \(text(.bool, depth)))"
        case 2: "!\(text(.bool, depth))"
        case 3: "(\(text(.int, depth)) \(pick(["<", "<=", "==", "!=", ">"])) \(text(.int, depth)))"
        case 4: "(\(text(.string, depth)) \(pick(["<", "==", "!="])) \(text(.string, depth)))"
        case 5: "(\(text(.string, depth)) in \(text(.strings, depth)))"
        case 6: "(\(text(.int, depth)) in \(text(.ints, depth)))"
        case 7:
            "\(text(.string, depth)).\(pick(["startsWith", "contains"]))(\(text(.string, depth)))"
        case 8: "\(text(.string, depth)).matches('\(pick(["a+", "^b?c*$", "x{3}"]))')"
        case 9: "(\(text(.strings, depth)) == \(text(.strings, depth)))"
        case 10: "(\(text(.bool, depth)) ? \(text(.bool, depth)) : \(text(.bool, depth)))"
        default: macro(depth)
        }
    }

    private mutating func macro(_ depth: Int) -> String {
        guard macros < 2 else { return leaf(.bool) }
        macros += 1
        defer { macros -= 1 }
        let name = "v\(locals.count)"
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
            let range = text(.strings, depth)
            return
                "\(range).\(pick(["all", "exists", "exists_one"]))(\(name), \(body(name, .string, depth)))"
        case 1:
            let range = text(.ints, depth)
            return "\(range).all(\(name), \(body(name, .int, depth)))"
        case 2: return "args.labels.all(\(name), \(body(name, .string, depth)))"
        default:
            let field = pick(["\(name).price > 3", "has(\(name).note)", "\(name).note == 'a'"])
            return "args.lines.exists(\(name), \(field))"
        }
    }

    private mutating func body(_ name: String, _ kind: Kind, _ depth: Int) -> String {
        locals.append((name, kind))
        defer { locals.removeLast() }
        return text(.bool, depth)
    }

    private mutating func int(_ depth: Int) -> String {
        switch Int.random(in: 0..<6, using: &random) {
        case 0: "(\(text(.int, depth)) \(pick(["+", "-", "*", "/", "%"])) \(text(.int, depth)))"
        case 1: "size(\(text(.string, depth)))"
        case 2: "\(text(.strings, depth)).size()"
        case 3: "\(text(.ints, depth))[\(text(.int, depth))]"
        case 4: "math.greatest(\(text(.int, depth)), \(text(.int, depth)))"
        default: "(\(text(.bool, depth)) ? \(text(.int, depth)) : \(text(.int, depth)))"
        }
    }

    private mutating func string(_ depth: Int) -> String {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: "(\(text(.string, depth)) + \(text(.string, depth)))"
        case 1: "string(\(text(.int, depth)))"
        case 2: "\(text(.strings, depth))[\(text(.int, depth))]"
        case 3: "\(text(.string, depth)).lowerAscii()"
        case 4: "args.labels[\(text(.string, depth))]"
        case 5: "\(text(.string, depth)).replace(\(text(.string, depth)), \(text(.string, depth)))"
        case 6: "\(text(.strings, depth)).join(\(text(.string, depth)))"
        default: "args.labels.?a.orValue(\(text(.string, depth)))"
        }
    }

    private mutating func list(_ element: Kind, _ kind: Kind, _ depth: Int) -> String {
        switch Int.random(in: 0..<5, using: &random) {
        case 0: return "(\(text(kind, depth)) + \(text(kind, depth)))"
        case 1: return "[\(text(element, depth)), \(text(element, depth))]"
        case 2 where kind == .strings:
            return "\(text(.string, depth)).split(\(text(.string, depth)))"
        case 3 where macros < 2:
            macros += 1
            defer { macros -= 1 }
            let name = "v\(locals.count)"
            let range = text(kind, depth)
            return "\(range).filter(\(name), \(body(name, element, depth)))"
        default: return leaf(kind)
        }
    }
}

extension GuardGenerator {
    mutating func arguments() -> JSONObject {
        var object: JSONObject = [
            "count": integer(), "name": text(upTo: 40), "tags": list(5) { $0.text(upTo: 20) },
        ]
        if Bool.random(using: &random) { object["extra"] = integer() }
        if Bool.random(using: &random) { object["kind"] = pick(["a", "bb", "ccc"]) }
        if Bool.random(using: &random) { object["flag"] = .bool(Bool.random(using: &random)) }
        if Bool.random(using: &random) { object["numbers"] = list(6) { $0.integer() } }
        if Bool.random(using: &random) {
            var labels = JSONObject()
            for name in ["a", "team", "a longer name than others"].shuffled(using: &random).prefix(
                2)
            {
                labels[name] = text(upTo: 8)
            }
            object["labels"] = .object(labels)
        }
        if Bool.random(using: &random) {
            object["lines"] = list(4) { generator in
                var line: JSONObject = ["price": generator.integer()]
                if Bool.random(using: &generator.random) { line["note"] = generator.text(upTo: 10) }
                return .object(line)
            }
        }
        return object
    }

    private mutating func integer() -> JSONValue {
        .integer(Int64.random(in: -5...9, using: &random))
    }

    private mutating func text(upTo count: Int) -> JSONValue {
        let length = Int.random(in: 0...count, using: &random)
        return .string(
            String((0..<length).map { _ in pick(["a", "b", "x", "é", "\u{1f408}"]) as Character }))
    }

    private mutating func list(
        _ count: Int, _ element: (inout GuardGenerator) -> JSONValue
    ) -> JSONValue {
        let length = Int.random(in: 0...count, using: &random)
        return .array((0..<length).map { _ in element(&self) })
    }
}
