package import InterlockJSON
import InterlockModel

/// Tells whether a result can hold a text that its author chose (docs/specs/output-safety.md, section 7): numbers,
/// booleans, members of enumerations and dates of the reviewed output schema cannot.
///
/// INVARIANT: in a value that is `isFree == false`, every name of a member and every string is in the schema that people
/// reviewed, but for dates, which have digits and their signs alone. Kept by `FreeTextCheckTests`.
package struct FreeTextCheck {
    /// The most bytes of a name or a member of an enumeration. They have no spaces.
    private static let longestWord = 32
    /// The most words of an enumeration: more of them are a language.
    private static let mostWords = 64
    /// The most strings of one result that enumerations have: a longer row of them can be a message.
    private static let mostStrings = 64
    /// The most names of members of one result, without those of an object that repeats the names of the one before it in
    /// a list: a row of objects with other names can be a message, too.
    private static let mostNames = 128
    /// The most digits and signs of a number.
    private static let longestNumber = 32
    /// The most bytes of a text that repeats the structured result.
    private static let longestText = 64 << 10
    private static let deepest = 16
    private static let mostSteps = 20_000

    private let root: JSONObject
    private var strings = 0
    private var chosenNames = 0
    private var steps = 0

    private init(_ schema: JSONObject) { root = schema }

    /// Returns true unless the structured result is known to hold no free text. It must fit the schema.
    package static func isFree(_ structured: JSONValue, under schema: JSONObject) -> Bool {
        var check = FreeTextCheck(schema)
        return !check.admits(structured, schema, after: nil, depth: 0)
    }

    /// Returns true unless the result of a tool is known to hold no free text: its texts may repeat the structured result
    /// and nothing else.
    ///
    /// - Parameter result: as the agent gets it.
    package static func isFree(result: JSONObject, under schema: JSONObject?) -> Bool {
        guard let schema, let structured = result["structuredContent"] else { return true }
        for (name, value) in result.members {
            switch name {
            case "structuredContent": break
            case "content": guard repeats(value, structured, schema) else { return true }
            case "isError": guard value == .bool(false) else { return true }
            case "resultType": guard value == .string("complete") else { return true }
            default: return true
            }
        }
        return isFree(structured, under: schema)
    }

    private static func repeats(
        _ content: JSONValue, _ structured: JSONValue, _ schema: JSONObject
    ) -> Bool {
        guard let blocks = content.array, blocks.count <= 1 else { return false }
        return blocks.allSatisfy { block in
            guard let object = block.object, object.count == 2, object["type"] == .string("text"),
                let text = object["text"]?.string, text.utf8.count <= longestText
            else { return false }
            let tree = try? JSONValue(parsing: Array(text.utf8), limits: .upstream)
            // Equal values can have their members in another order, which is searched as well.
            if let tree, tree == structured { return !isFree(tree, under: schema) }
            // Some servers wrap a value that is no object in one, and repeat the value alone.
            guard let whole = structured.object, whole.count == 1, let member = whole.members.first
            else { return false }
            if case .string(let word) = member.value { return sameBytes(word, text) }
            guard let tree, tree == member.value else { return false }
            return !isFree(.object([member.key: tree]), under: schema)
        }
    }

    /// Returns true if the value holds no free text at this place of the schema, by one of its alternatives. That does not
    /// depend on which of them is valid, since each names all that it admits.
    ///
    /// - Parameter earlier: the value at the same place of the item before, if the value is in an item of a list.
    private mutating func admits(
        _ value: JSONValue, _ schema: JSONValue?, after earlier: JSONValue?, depth: Int
    ) -> Bool {
        guard let schema = schema?.object else { return false }
        return admits(value, schema, after: earlier, depth: depth)
    }

    private mutating func admits(
        _ value: JSONValue, _ schema: JSONObject, after earlier: JSONValue?, depth: Int
    ) -> Bool {
        steps += 1
        guard depth < Self.deepest, steps < Self.mostSteps else { return false }
        if admitsItself(value, schema, after: earlier, depth: depth) { return true }
        if let referred = target(of: schema) {
            return admits(value, referred, after: earlier, depth: depth + 1)
        }
        for name in ["anyOf", "oneOf", "allOf"] {
            for branch in schema[name]?.array ?? [] {
                if admits(value, branch, after: earlier, depth: depth + 1) { return true }
            }
        }
        return false
    }

    /// The target of a reference to a definition of the same schema.
    private func target(of schema: JSONObject) -> JSONValue? {
        guard let reference = schema["$ref"]?.string else { return nil }
        for (prefix, name) in [("#/$defs/", "$defs"), ("#/definitions/", "definitions")]
        where reference.utf8.starts(with: prefix.utf8) {
            let key = String(decoding: reference.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
            return root[name]?[key]
        }
        return nil
    }

    private mutating func admitsItself(
        _ value: JSONValue, _ schema: JSONObject, after earlier: JSONValue?, depth: Int
    ) -> Bool {
        switch value {
        case .null, .bool: return true
        case .integer: return names(["integer", "number"], schema)
        case .number(let number):
            return number.text.utf8.count <= Self.longestNumber
                && names(["integer", "number"], schema)
        case .string(let text): return admits(text: text, schema)
        case .array(let items):
            // Items of a tuple have no schema here, and so count as free.
            guard schema["prefixItems"] == nil else { return false }
            var before = earlier?.array?.last
            for item in items {
                guard admits(item, schema["items"], after: before, depth: depth + 1) else {
                    return false
                }
                before = item
            }
            return true
        case .object(let object):
            guard let properties = schema["properties"]?.object else { return object.isEmpty }
            let before = earlier?.object
            guard takesNames(of: object, after: before) else { return false }
            for (name, member) in object.members {
                guard Self.isWord(name), let own = properties[name],
                    admits(member, own, after: before?[name], depth: depth + 1)
                else { return false }
            }
            return true
        }
    }

    private mutating func takesNames(of object: JSONObject, after earlier: JSONObject?) -> Bool {
        if let earlier, earlier.count == object.count {
            let pairs = zip(earlier.members, object.members)
            if pairs.allSatisfy({ before, own in sameBytes(before.key, own.key) }) { return true }
        }
        chosenNames += object.count
        return chosenNames <= Self.mostNames
    }

    private func names(_ types: [String], _ schema: JSONObject) -> Bool {
        let stated = schema["type"]
        let all = stated?.array?.compactMap(\.string) ?? [stated?.string].compactMap { $0 }
        return all.contains { one in types.contains { sameBytes($0, one) } }
    }

    private mutating func admits(text: String, _ schema: JSONObject) -> Bool {
        if let format = schema["format"]?.string, names(["string"], schema) {
            return DateForm(format)?.has(text) ?? false
        }
        var words = schema["enum"]?.array ?? []
        if let constant = schema["const"] { words = [constant] }
        guard words.count <= Self.mostWords else { return false }
        strings += 1
        return strings <= Self.mostStrings && Self.isWord(text)
            && words.contains { $0.string.map { sameBytes($0, text) } ?? false }
    }

    /// Returns true for a short name without spaces, as programs have them.
    private static func isWord(_ text: String) -> Bool {
        (1...longestWord).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
                    UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}

/// The form of a date or a time (RFC 3339, section 5.6), without the ranges of its numbers: it holds no word.
private enum DateForm {
    case date, time, dateTime

    /// - Parameter format: the `format` of a schema; nil for any other than these.
    init?(_ format: String) {
        switch format {
        case "date": self = .date
        case "time": self = .time
        case "date-time": self = .dateTime
        default: return nil
        }
    }

    func has(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        switch self {
        case .date: return Self.isDate(bytes[...])
        case .time: return Self.isTime(bytes[...])
        case .dateTime:
            guard bytes.count > 11, bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: " ")
            else { return false }
            return Self.isDate(bytes[..<10]) && Self.isTime(bytes[11...])
        }
    }

    private static func isDate(_ bytes: ArraySlice<UInt8>) -> Bool { fits(bytes, "0000-00-00") }

    private static func isTime(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard bytes.count >= 8, fits(bytes.prefix(8), "00:00:00") else { return false }
        var rest = bytes.dropFirst(8)
        if rest.first == UInt8(ascii: ".") {
            let digits = rest.dropFirst().prefix { isDigit($0) }
            guard (1...9).contains(digits.count) else { return false }
            rest = rest.dropFirst(1 + digits.count)
        }
        return rest.isEmpty || fits(rest, "Z") || fits(rest, "+00:00") || fits(rest, "-00:00")
    }

    /// Returns true if the bytes have the form of a pattern, in which `0` is any digit.
    private static func fits(_ bytes: ArraySlice<UInt8>, _ pattern: String) -> Bool {
        let form = Array(pattern.utf8)
        guard bytes.count == form.count else { return false }
        return zip(bytes, form).allSatisfy { byte, own in
            own == UInt8(ascii: "0") ? isDigit(byte) : byte == own
        }
    }
}
