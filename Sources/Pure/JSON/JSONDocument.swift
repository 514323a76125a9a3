/// A JSON file that is edited in place: its bytes, the parsed value, and the byte range of each value and member.
/// Comments and commas before a closing bracket are accepted and kept.
package struct JSONDocument: Sendable {
    package let bytes: [UInt8]
    package let root: JSONNode

    /// - Throws: the error of the strict parser, duplicate keys included, with its offset in `bytes`.
    package init(parsing bytes: [UInt8], limits: JSONLimits) throws(JSONError) {
        guard bytes.count <= limits.bytes else { throw JSONError(.size, offset: limits.bytes) }
        let plain = try JSONComments.blanked(bytes)
        let value = try JSONValue(parsing: plain.bytes, limits: limits)
        var outline = Outline(bytes: plain.bytes, commas: Set(plain.commas))
        self.bytes = bytes
        root = outline.node(value)
    }

    /// Returns the number of the line that contains `offset`, counted from 1, for messages.
    package func line(of offset: Int) -> Int {
        1 + bytes.prefix(offset).count { $0 == UInt8(ascii: "\n") }
    }
}

/// A value and the range of the bytes that spell it.
package struct JSONNode: Sendable {
    package let value: JSONValue
    package let range: Range<Int>
    /// The members in order if the value is an object; otherwise empty.
    package let members: [JSONMember]

    package subscript(key: String) -> JSONMember? { members.first { sameBytes($0.key, key) } }
}

package struct JSONMember: Sendable {
    package let key: String
    /// The range from the opening quote of the key to the end of the value.
    package let range: Range<Int>
    package let node: JSONNode
    /// The offset of the comma that follows the member, or nil if no comma follows.
    package let comma: Int?
}

/// Walks over text that the strict parser has accepted, in step with the parsed value.
private struct Outline {
    let bytes: [UInt8]
    /// The offsets of the blanked commas, which are no longer in `bytes`.
    let commas: Set<Int>
    private var place = 0

    init(bytes: [UInt8], commas: Set<Int>) {
        self.bytes = bytes
        self.commas = commas
    }

    mutating func node(_ value: JSONValue) -> JSONNode {
        skipSpace()
        let start = place
        var members: [JSONMember] = []
        switch value {
        case .object(let object):
            place += 1
            for (key, value) in object.members { members.append(member(key, value)) }
            close()
        case .array(let elements):
            place += 1
            for element in elements {
                _ = node(element)
                _ = comma()
            }
            close()
        case .string: string()
        case .null, .bool, .integer, .number:
            while place < bytes.count, !isEnd(bytes[place]) { place += 1 }
        }
        return JSONNode(value: value, range: start..<place, members: members)
    }

    private mutating func member(_ key: String, _ value: JSONValue) -> JSONMember {
        skipSpace()
        let start = place
        string()
        skipSpace()
        place += 1  // the colon
        let node = node(value)
        return JSONMember(
            key: key, range: start..<node.range.upperBound, node: node, comma: comma())
    }

    private mutating func comma() -> Int? {
        var found = place
        while found < bytes.count, isSpace(bytes[found]), !commas.contains(found) { found += 1 }
        guard found < bytes.count,
            bytes[found] == UInt8(ascii: ",") || commas.contains(found)
        else { return nil }
        place = found + 1
        return found
    }

    private mutating func close() {
        skipSpace()
        place += 1
    }

    private mutating func string() {
        place += 1
        while bytes[place] != UInt8(ascii: "\"") {
            place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
        }
        place += 1
    }

    private mutating func skipSpace() {
        while place < bytes.count, isSpace(bytes[place]) { place += 1 }
    }

    private func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d
    }

    private func isEnd(_ byte: UInt8) -> Bool {
        isSpace(byte) || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}")
            || byte == UInt8(ascii: "]")
    }
}
