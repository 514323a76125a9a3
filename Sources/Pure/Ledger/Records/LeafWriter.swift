import InterlockJSON
import InterlockModel

/// Writes one leaf in RFC 8785 form, on the call path. It is deliberately narrower than JSON: names are ASCII, so that
/// byte order equals the order of the RFC, and strings contain no control characters, so that two escapes suffice.
/// Members arrive in their final order (`LeafMemberLayout`), so none is moved.
struct LeafWriter {
    private var bytes: [UInt8] = []

    static let maximumNameBytes = 32
    static let maximumTextBytes = 128
    static let maximumDepth = 4
    static let largestInteger: UInt64 = (1 << 53) - 1

    /// The initial capacity: most leaves are shorter, and with its header the array fits a size that malloc serves
    /// quickly.
    private static let expectedBytes = 992

    /// - Parameter prefix: the byte that precedes the object.
    init(prefix: UInt8) {
        bytes.reserveCapacity(Self.expectedBytes)
        bytes.append(prefix)
    }

    mutating func add(_ name: String, _ text: String) throws(LeafError) {
        try begin(name)
        try append(text: text, of: name)
    }

    mutating func add(_ name: String, _ integer: Int64) throws(LeafError) {
        try begin(name)
        try append(integer: integer, of: name)
    }

    mutating func add(_ name: String, _ digest: Digest) throws(LeafError) {
        try begin(name)
        append(digest)
    }

    mutating func add(_ name: String, _ value: JSONValue) throws(LeafError) {
        try begin(name)
        try append(value, of: name, depth: 1)
    }

    mutating func add(_ name: String, _ commitment: Commitment) throws(LeafError) {
        try begin(name)
        if let stored = commitment.stored {
            bytes += #"{"b":"#.utf8
            append(stored)
            bytes += #","c":"#.utf8
        } else {
            bytes += #"{"c":"#.utf8
        }
        append(commitment.content)
        bytes += #","n":"#.utf8
        try append(integer: Int64(commitment.length), of: name)
        bytes.append(UInt8(ascii: "}"))
    }

    /// - Returns: the prefix and the object.
    consuming func end() throws(LeafError) -> [UInt8] {
        if isEmpty { bytes.append(UInt8(ascii: "{")) }
        bytes.append(UInt8(ascii: "}"))
        guard bytes.count - 1 <= Leaf.maximumBytes else { throw .tooLarge }
        return bytes
    }

    private var isEmpty: Bool { bytes.count == 1 }

    private mutating func begin(_ name: String) throws(LeafError) {
        guard bytes.count <= Leaf.maximumBytes else { throw .tooLarge }
        try append(name: name, behind: isEmpty ? UInt8(ascii: "{") : UInt8(ascii: ","))
    }
}

extension LeafWriter {
    private mutating func append(
        _ value: JSONValue, of name: String, depth: Int
    ) throws(LeafError) {
        guard depth <= Self.maximumDepth else { throw .badValue(name) }
        switch value {
        case .null, .number: throw .badValue(name)
        case .bool(let truth): bytes += (truth ? "true" : "false").utf8
        case .integer(let number): try append(integer: number, of: name)
        case .string(let text): try append(text: text, of: name)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (place, element) in elements.enumerated() {
                if place > 0 { bytes.append(UInt8(ascii: ",")) }
                try append(element, of: name, depth: depth + 1)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let object):
            if object.isEmpty { bytes.append(UInt8(ascii: "{")) }
            for (place, member) in object.members.sorted(by: { $0.key < $1.key }).enumerated() {
                try append(
                    name: member.key, behind: place == 0 ? UInt8(ascii: "{") : UInt8(ascii: ","))
                try append(member.value, of: name, depth: depth + 1)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    /// - Parameter mark: the brace or comma that precedes the name.
    private mutating func append(name: String, behind mark: UInt8) throws(LeafError) {
        let text = name.utf8.span
        guard (1...Self.maximumNameBytes).contains(text.count) else { throw .badName(name) }
        try bytes.append(addingCapacity: text.count + 4) { output throws(LeafError) in
            output.append(mark)
            output.append(UInt8(ascii: "\""))
            for place in text.indices {
                guard isNameByte(text[place]) else { throw .badName(name) }
                output.append(text[place])
            }
            output.append(UInt8(ascii: "\""))
            output.append(UInt8(ascii: ":"))
        }
    }

    private mutating func append(text written: String, of name: String) throws(LeafError) {
        let text = written.utf8.span
        guard text.count <= Self.maximumTextBytes else { throw .badValue(name) }
        if text.isPlainText {
            bytes.append(UInt8(ascii: "\""))
            bytes += written.utf8
            bytes.append(UInt8(ascii: "\""))
            return
        }
        // Each byte may need an escape.
        try bytes.append(addingCapacity: 2 * text.count + 2) { output throws(LeafError) in
            output.append(UInt8(ascii: "\""))
            for place in text.indices {
                let byte = text[place]
                guard byte >= 0x20, byte != 0x7f else { throw .badValue(name) }
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                    output.append(UInt8(ascii: "\\"))
                }
                output.append(byte)
            }
            output.append(UInt8(ascii: "\""))
        }
    }

    private mutating func append(integer: Int64, of name: String) throws(LeafError) {
        guard integer.magnitude <= Self.largestInteger else { throw .badValue(name) }
        var digits = InlineArray<16, UInt8>(repeating: 0)
        var first = digits.count
        var rest = integer.magnitude
        repeat {
            first -= 1
            digits[first] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        bytes.append(addingCapacity: digits.count + 1) { output in
            if integer < 0 { output.append(UInt8(ascii: "-")) }
            for place in first..<digits.count { output.append(digits[place]) }
        }
    }

    /// Appends base64 of the 32 bytes in quotes, without an intermediate array.
    private mutating func append(_ digest: Digest) {
        bytes.append(addingCapacity: Digest.base64Length + 2) { output in
            output.append(UInt8(ascii: "\""))
            digest.appendBase64(to: &output)
            output.append(UInt8(ascii: "\""))
        }
    }
}

private func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "_"):
        true
    default: false
    }
}
