import InterlockJSON
import InterlockModel
import InterlockTesting

@testable import InterlockPolicy

/// Makes random guards of the decidable subset, and inputs close to the values that they compare with.
struct GuardMaker {
    var random: SeededGenerator

    static let fields = ["a", "b", "c", "d"]
    private static let texts = ["", "a", "ab", "abc", "b", "ba", "é", "secrets/", "..", "x"]
    private static let numbers = [
        "0", "1", "-1", "2", "50000", "50001", "0.5", "1.0", "2u", "-2.25",
    ]

    mutating func guardText(depth: Int = 3) -> String {
        guard depth > 0, Int.random(in: 0..<5, using: &random) > 0 else { return literal() }
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return "!(\(guardText(depth: depth - 1)))"
        case 1, 2:
            return "(\(guardText(depth: depth - 1)) && \(guardText(depth: depth - 1)))"
        case 3, 4:
            return "(\(guardText(depth: depth - 1)) || \(guardText(depth: depth - 1)))"
        default:
            let parts = (0..<3).map { _ in guardText(depth: depth - 1) }
            return "(\(parts[0]) ? \(parts[1]) : \(parts[2]))"
        }
    }

    private mutating func literal() -> String {
        let place = place()
        let comparison = ["==", "!=", "<", "<=", ">", ">="].randomElement(using: &random) ?? "=="
        switch Int.random(in: 0..<12, using: &random) {
        case 0:
            let selected = place.hasPrefix("args[") ? "args.a" : place
            return "has(\(selected))"
        case 1: return place
        case 2, 3: return "\(place) \(comparison) \(number())"
        case 4: return "\(text()) \(comparison) \(place)"
        case 5:
            let list = (0..<Int.random(in: 0..<4, using: &random)).map { _ in constant() }
            return "\(place) in [\(list.joined(separator: ", "))]"
        case 6: return "size(\(place)) \(comparison) \(Int.random(in: 0..<4, using: &random))"
        case 7: return "\(place).startsWith(\(text()))"
        case 8: return "\(place).endsWith(\(text()))"
        case 9: return "\(place).contains(\(text()))"
        case 10:
            return
                "now \(comparison) timestamp('2026-11-20T0\(Int.random(in: 0..<9, using: &random)):00:00.\(["0", "0005", "5"].randomElement(using: &random) ?? "0")Z')"
        default:
            let equality = ["==", "!="].randomElement(using: &random) ?? "=="
            return "\(place) \(equality) \(constant())"
        }
    }

    private mutating func place() -> String {
        let field = Self.fields.randomElement(using: &random) ?? "a"
        switch Int.random(in: 0..<5, using: &random) {
        case 0: return "args.o.\(field)"
        case 1: return "args['\(field)']"
        default: return "args.\(field)"
        }
    }

    private mutating func number() -> String { Self.numbers.randomElement(using: &random) ?? "0" }
    private mutating func text() -> String {
        "'\(Self.texts.randomElement(using: &random) ?? "")'"
    }
    private mutating func constant() -> String {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: number()
        case 1: ["true", "false", "null"].randomElement(using: &random) ?? "null"
        default: text()
        }
    }

    mutating func input() -> CallInput {
        var arguments = object(depth: 1)
        if Bool.random(using: &random) { arguments["o"] = value(depth: 1) }
        let milliseconds = Int64.random(in: 0..<10, using: &random) * 3_600_000
        let fraction = [0, 1, 500, -1].randomElement(using: &random) ?? 0
        let start = Timestamp(rfc3339: "2026-11-20T00:00:00Z")?.microseconds ?? 0
        return CallInput(
            arguments: arguments,
            now: Timestamp(microseconds: start + (milliseconds + Int64(fraction)) * 1000))
    }

    private mutating func object(depth: Int) -> JSONObject {
        var object = JSONObject()
        for field in Self.fields where Int.random(in: 0..<4, using: &random) > 0 {
            object[field] = value(depth: depth)
        }
        return object
    }

    private mutating func value(depth: Int) -> JSONValue {
        switch Int.random(in: 0..<11, using: &random) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &random))
        case 2: return .integer(Int64.random(in: -2...3, using: &random))
        case 3: return .integer(Int64.random(in: 49_999...50_002, using: &random))
        case 4:
            return JSONNumber([0.5, -2.25, 1.5].randomElement(using: &random) ?? 0).map {
                .number($0)
            } ?? 0
        case 5, 6, 7:
            let first = Self.texts.randomElement(using: &random) ?? ""
            let second = Self.texts.randomElement(using: &random) ?? ""
            return .string(Bool.random(using: &random) ? first : first + second)
        case 8: return .array(Array(repeating: .null, count: Int.random(in: 0..<4, using: &random)))
        default: return depth > 0 ? .object(object(depth: depth - 1)) : .object(["k": 1])
        }
    }
}
