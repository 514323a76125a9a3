import InterlockPolicy

// The parts of a policy's text that edits by lines read and write.
extension YAMLNode {
    /// Returns the entry of a mapping, with the number of the line after its value.
    ///
    /// - Parameter end: the number of the line after this mapping.
    func entry(_ key: String, end: Int) -> (entry: YAMLEntry, end: Int)? {
        guard case .mapping(let entries) = content,
            let place = entries.firstIndex(where: { $0.key.utf8.elementsEqual(key.utf8) })
        else { return nil }
        return (
            entries[place], place + 1 < entries.count ? entries[place + 1].keyLine : end
        )
    }

    var plain: String? {
        if case .scalar(let scalar) = content { scalar.text } else { nil }
    }

    /// The last line on which a part of the value begins.
    var lastLine: Int {
        switch content {
        case .scalar(let scalar): scalar.isOneLine ? line : .max
        case .sequence(let items): items.map(\.lastLine).max() ?? line
        case .mapping(let entries): entries.map(\.value.lastLine).max() ?? line
        }
    }

    /// The value in flow style on one line; nil for text of several lines.
    var flow: String? {
        switch content {
        case .scalar(let scalar):
            guard scalar.isOneLine, !scalar.text.contains("\n") else { return nil }
            return scalar.style == .plain ? scalar.text : scalar.text.quotedForYAML
        case .sequence(let items):
            let texts = items.compactMap(\.flow)
            return texts.count == items.count ? "[\(texts.joined(separator: ", "))]" : nil
        case .mapping(let entries):
            let texts = entries.compactMap { entry in
                entry.value.flow.map { "\(entry.key): \($0)" }
            }
            return texts.count == entries.count ? "{\(texts.joined(separator: ", "))}" : nil
        }
    }
}

/// The lines of a policy file, counted from 1.
extension [[UInt8]] {
    /// The number of the first of the empty lines and comments before this line.
    func trimmed(_ line: Int) -> Int {
        var line = line
        while line > 1, Self.isEmptyOrComment(self[line - 2]) { line -= 1 }
        return line
    }

    /// True if only spaces are before the key on its line.
    func isAloneOnItsLine(_ entry: YAMLEntry) -> Bool {
        self[entry.keyLine - 1].prefix(entry.keyColumn - 1).allSatisfy { $0 == UInt8(ascii: " ") }
    }

    private static func isEmptyOrComment(_ line: [UInt8]) -> Bool {
        let first = line.first { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\r") }
        return first == nil || first == UInt8(ascii: "#")
    }
}

extension String {
    /// The text as a YAML scalar between double quotes.
    var quotedForYAML: String {
        let escaped = unicodeScalars.map { scalar -> String in
            switch scalar {
            case "\\": "\\\\"
            case "\"": "\\\""
            case "\t": "\\t"
            default: String(Character(scalar))
            }
        }
        return "\"\(escaped.joined())\""
    }

    /// The text as it is if it is a plain scalar in every style, else between double quotes.
    var plainForYAML: String {
        let isPlain = utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte)
                || [UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: ":")].contains(byte)
        }
        return isPlain && utf8.first != UInt8(ascii: "-") ? self : quotedForYAML
    }
}
