import InterlockJSON

/// The texts of a document in their order, joined: what a copy of all of it or of several of its values has in a row.
struct DocumentTexts {
    /// The strings as they are, the numbers, literals and names of members.
    private(set) var whole = ""
    /// The same with the values of the JSON documents that strings are. Is `whole` if there are none.
    private(set) var read = ""
    /// The strings and numbers of `read` without names and literals.
    private(set) var values = ""

    /// - Parameter isNested: true to read the JSON documents that strings are.
    init(_ content: JSONValue, isNested: Bool) {
        Self.add(content, .whole, isNested: false, to: &whole)
        Self.add(content, .whole, isNested: isNested, to: &read)
        Self.add(content, .values, isNested: isNested, to: &values)
    }

    /// Returns the strings and numbers of a document without names and literals.
    static func values(of content: JSONValue) -> String {
        var text = ""
        add(content, .values, isNested: false, to: &text)
        return text
    }

    /// The texts that are not the same.
    var all: [String] {
        var texts = [whole]
        for text in [read, values]
        where !texts.contains(where: { $0.utf8.elementsEqual(text.utf8) }) { texts.append(text) }
        return texts
    }

    private enum Part {
        case whole, values
    }

    private static func add(
        _ value: JSONValue, _ part: Part, isNested: Bool, to text: inout String
    ) {
        switch value {
        case .null: if part == .whole { append("null", to: &text) }
        case .bool(let value): if part == .whole { append(value ? "true" : "false", to: &text) }
        case .integer(let number): append(String(number), to: &text)
        case .number(let number):
            append(String(decoding: NumberReadings.canonical(number), as: UTF8.self), to: &text)
        case .string(let string):
            if isNested, let nested = document(in: string) {
                add(nested, part, isNested: false, to: &text)
            } else {
                append(string, to: &text)
            }
        case .array(let items):
            for item in items { add(item, part, isNested: isNested, to: &text) }
        case .object(let object):
            for (key, value) in object.members {
                if part == .whole { append(key, to: &text) }
                add(value, part, isNested: isNested, to: &text)
            }
        }
    }

    private static func append(_ part: String, to text: inout String) {
        text += part
        text += "\n"
    }
}

/// Returns the JSON document that a string is, as most servers repeat their results, or nil if it is another text.
func document(in text: String) -> JSONValue? {
    guard text.utf8.first == UInt8(ascii: "{") || text.utf8.first == UInt8(ascii: "[") else {
        return nil
    }
    return try? JSONValue(parsing: Array(text.utf8), limits: .upstream)
}
