import InterlockJSON

/// JSON text that people read: what is at most 140 columns long is on one line, and else each member or element on one
/// of its own, indented by two spaces. A line feed ends it.
enum SettingsText {
    static func of(_ value: JSONValue) -> [UInt8] {
        var bytes: [UInt8] = []
        append(value, indent: 0, to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    private static let columns = 140

    private static func append(_ value: JSONValue, indent: Int, to bytes: inout [UInt8]) {
        let line = value.serialized()
        switch value {
        case _ where indent > 0 && indent + line.count <= columns: bytes += line
        case .object(let object) where !object.isEmpty:
            lines(object.members, "{", "}", indent, &bytes) { member, bytes in
                appendQuoted(member.key, to: &bytes)
                bytes += ": ".utf8
                append(member.value, indent: indent + 2, to: &bytes)
            }
        case .array(let items) where !items.isEmpty:
            lines(items, "[", "]", indent, &bytes) { item, bytes in
                append(item, indent: indent + 2, to: &bytes)
            }
        case .object, .array, .null, .bool, .integer, .number, .string: bytes += line
        }
    }

    private static func lines<Part>(
        _ parts: [Part], _ open: String, _ close: String, _ indent: Int, _ bytes: inout [UInt8],
        _ append: (Part, inout [UInt8]) -> Void
    ) {
        bytes += open.utf8
        for (number, part) in parts.enumerated() {
            bytes += (number == 0 ? "\n" : ",\n").utf8
            bytes += [UInt8](repeating: UInt8(ascii: " "), count: indent + 2)
            append(part, &bytes)
        }
        bytes += "\n".utf8
        bytes += [UInt8](repeating: UInt8(ascii: " "), count: indent)
        bytes += close.utf8
    }
}
