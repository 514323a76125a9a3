import InterlockJSON

/// One line of TOML 1.0, as far as a single line can be understood.
struct TOMLLine {
    /// The line without surrounding space.
    let text: String

    /// - Parameter bytes: the line without its line feed.
    init(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes.drop(while: Self.isSpace)
        while let last = rest.last, Self.isSpace(last) { rest.removeLast() }
        text = String(decoding: rest, as: UTF8.self)
    }

    /// True if the line has only space or a comment.
    var isEmpty: Bool { text.isEmpty || text.utf8.first == UInt8(ascii: "#") }

    /// Returns whether this key may occur in the line: an escape can spell any letter of a quoted key.
    func mayName(_ key: String) -> Bool {
        text.contains(key) || keyPart.contains("\"") && keyPart.contains("\\")
    }

    /// The keys of `[a."b c".'d']`; is nil for anything else, and for escapes.
    var tableKeys: [String]? {
        var rest = Substring(text)
        guard rest.popFirst() == "[", rest.first != "[" else { return nil }
        var keys: [String] = []
        while true {
            rest = rest.drop(while: Self.isSpace)
            guard let key = Self.key(&rest) else { return nil }
            keys.append(key)
            rest = rest.drop(while: Self.isSpace)
            switch rest.popFirst() {
            case ".": continue
            case "]":
                let end = rest.drop(while: Self.isSpace)
                return end.isEmpty || end.first == "#" ? keys : nil
            default: return nil
            }
        }
    }

    /// A bare key with its value; the value is nil if it is not also JSON. Is nil for a line of another form, such as
    /// one with a multi-line value or a quoted key.
    var pair: (key: String, value: JSONValue?)? {
        guard let equals = text.firstIndex(of: "="), !text.contains("\"\"\""),
            !text.contains("'''")
        else { return nil }
        var rest = text[..<equals]
        guard rest.first.map(Self.isBare) == true, let key = Self.key(&rest),
            rest.allSatisfy(Self.isSpace)
        else { return nil }
        let value = text[text.index(after: equals)...].drop(while: Self.isSpace)
        return (key, try? JSONValue(parsing: Array(value.utf8), limits: .agent))
    }

    /// The part of the line that can contain a table's name or a key.
    private var keyPart: Substring { text.hasPrefix("[") ? text[...] : text.prefix { $0 != "=" } }

    private static func key(_ rest: inout Substring) -> String? {
        guard let first = rest.first else { return nil }
        guard first == "\"" || first == "'" else {
            let bare = rest.prefix(while: isBare)
            rest = rest.dropFirst(bare.count)
            return bare.isEmpty ? nil : String(bare)
        }
        rest.removeFirst()
        guard let end = rest.firstIndex(of: first) else { return nil }
        let quoted = String(rest[..<end])
        rest = rest[rest.index(after: end)...]
        return quoted.contains("\\") && first == "\"" ? nil : quoted
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0d
    }

    private static func isSpace(_ character: Character) -> Bool {
        character == " " || character == "\t"
    }

    private static func isBare(_ character: Character) -> Bool {
        character.isASCII
            && (character.isLetter || character.isNumber || character == "_" || character == "-")
    }
}
