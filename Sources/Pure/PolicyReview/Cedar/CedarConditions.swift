import InterlockPolicy

/// Translates cubes to Cedar conditions. Cedar has no test for the type of a value, but an operation on a
/// value of another type fails, and a failing condition makes the whole permit fail. Each alternative
/// therefore fixes one type at each path.
enum CedarConditions {
    /// The maximum number of permits that one cube can become.
    private static let most = 256

    /// The alternatives of a cube, each a conjunction of Cedar conditions. Returns nil if Cedar cannot
    /// express the cube or it needs more than `most` permits.
    static func alternatives(of cube: Cube) -> [[String]]? {
        var all: [[String]] = [[]]
        for path in cube.paths {
            guard let constraint = cube.constraints[path], !path.isOpaque,
                let here = conditions(constraint, at: path.names)
            else { return nil }
            all = all.flatMap { before in here.map { before + $0 } }
            guard all.count <= most else { return nil }
        }
        return all
    }

    private static func conditions(_ constraint: Constraint, at names: [String]) -> [[String]]? {
        guard let place = Location(names) else { return nil }
        if constraint.kinds == .any, constraint.strings.isEmpty, constraint.numbers.isAll,
            constraint.counts.isAll
        {
            return [[]]
        }
        var result: [[String]] = []
        let kinds = constraint.kinds
        if kinds.contains(.absent) { result.append(["!(\(place.presence))"]) }
        if kinds.contains(.true) { result.append(place.present(["\(place.value) == true"])) }
        if kinds.contains(.false) { result.append(place.present(["\(place.value) == false"])) }
        if kinds.contains(.number) {
            result += constraint.numbers.ranges.compactMap { range(of: $0, place) }
        }
        if kinds.contains(.string) {
            guard let tests = strings(constraint.strings, place) else { return nil }
            result.append(place.present(["\(place.value) like \"*\""] + tests))
        }
        if kinds.contains(.list) {
            guard constraint.counts.isAll else { return nil }
            result.append(place.present(["\(place.value).containsAll([])"]))
        }
        if kinds.contains(.object) {
            guard constraint.counts.isAll else { return nil }
            result.append(place.present(["(\(place.value) has x || true)"]))
        }
        // Cedar has no null, and no exported request contains one.
        return result
    }

    /// Tests for the whole numbers of `range` within ±(2^53 - 1), or nil if there are no such numbers.
    private static func range(of range: ClosedRange<Double>, _ place: Location) -> [String]? {
        let limit = 9_007_199_254_740_991.0
        let lower = Int64(max(range.lowerBound.rounded(.up), -limit))
        let upper = Int64(min(range.upperBound.rounded(.down), limit))
        guard range.lowerBound <= limit, range.upperBound >= -limit, lower <= upper else {
            return nil
        }
        return place.present(["\(place.value) >= \(lower)", "\(place.value) <= \(upper)"])
    }

    private static func strings(_ literals: Set<StringLiteral>, _ place: Location) -> [String]? {
        var tests: [String] = []
        for literal in literals {
            guard let test = string(literal.atom, place) else { return nil }
            tests.append(literal.isNegated ? "!(\(test))" : test)
        }
        return tests.sorted()
    }

    private static func string(_ atom: StringAtom, _ place: Location) -> String? {
        switch atom {
        case .oneOf(let texts):
            let list = texts.map { quoted($0) }.joined(separator: ", ")
            return "[\(list)].contains(\(place.value))"
        case .prefix(let part): return "\(place.value) like \(pattern("", part, "*"))"
        case .suffix(let part): return "\(place.value) like \(pattern("*", part, ""))"
        case .contains(let part): return "\(place.value) like \(pattern("*", part, "*"))"
        case .before, .size: return nil
        }
    }

    private static func pattern(
        _ before: String, _ part: CodePointArray, _ after: String
    ) -> String {
        let text = escaped(part).replacing("*", with: "\\*")
        return "\"\(before)\(text)\(after)\""
    }

    fileprivate static func quoted(_ text: CodePointArray) -> String { "\"\(escaped(text))\"" }

    private static func escaped(_ text: CodePointArray) -> String {
        text.map { point in
            switch point {
            case 0x22: "\\\""
            case 0x5c: "\\\\"
            case 0x20...0x7e: String(codePointArray: [point])
            default: "\\u{\(String(point, radix: 16))}"
            }
        }.joined()
    }

    /// A location of the input, expressed under Cedar's `context`.
    private struct Location {
        let value: String
        /// A Cedar condition that is true if every name on the path is present.
        let presence: String

        init?(_ names: [String]) {
            switch names.first {
            case "args":
                var value = "context[\"args\"]"
                var tests: [String] = []
                for name in names.dropFirst() {
                    let quotedName = quoted(name.codePointArray)
                    tests.append("\(value) has \(quotedName)")
                    value += "[\(quotedName)]"
                }
                self.value = value
                presence = tests.isEmpty ? "true" : tests.joined(separator: " && ")
            case "now" where names.count == 1:
                value = "context.now"
                presence = "true"
            case "call" where names == ["call", "sandboxed"] || names == ["call", "tainted"]:
                value = "context.\(names[1])"
                presence = "true"
            default: return nil
            }
        }

        func present(_ tests: [String]) -> [String] {
            presence == "true" ? tests : [presence] + tests
        }
    }
}
