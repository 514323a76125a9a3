import InterlockJSON
import InterlockModel

/// Writes one leaf in RFC 8785 form, on the call path. Narrower than JSON on purpose: names are ASCII,
/// so that byte order is the order of the RFC, and strings hold no control characters, so that two
/// escapes suffice. Members are written as they come; sorting moves their places, not their values.
struct LeafWriter {
    /// Small, because sorting moves it.
    private struct Member {
        /// The first eight bytes of the name as a number, in which most names differ.
        let head: UInt64
        private let start: UInt32
        private let nameEnd: UInt32
        private let valueEnd: UInt32

        /// - Precondition: the places are below 4 GiB.
        init(head: UInt64, name: Range<Int>, end: Int) {
            self.head = head
            start = UInt32(name.lowerBound)
            nameEnd = UInt32(name.upperBound)
            valueEnd = UInt32(end)
        }

        var name: Range<Int> { Int(start)..<Int(nameEnd) }
        var end: Int { Int(valueEnd) }
    }

    private var bytes: [UInt8] = []
    private var members: [Member] = []

    static let maximumNameBytes = 32
    static let maximumTextBytes = 128
    static let maximumDepth = 4
    static let largestInteger: UInt64 = (1 << 53) - 1

    /// Most leaves are shorter; with its head the array stays among the sizes that malloc has at hand.
    private static let expectedBytes = 992

    init(fields: Int) {
        bytes.reserveCapacity(Self.expectedBytes)
        members.reserveCapacity(fields)
    }

    mutating func add(_ name: String, _ text: String) throws(LeafError) {
        let start = try begin(name)
        try append(text: text, of: name)
        end(start)
    }

    mutating func add(_ name: String, _ integer: Int64) throws(LeafError) {
        let start = try begin(name)
        try append(integer: integer, of: name)
        end(start)
    }

    mutating func add(_ name: String, _ digest: Digest) throws(LeafError) {
        let start = try begin(name)
        append(digest)
        end(start)
    }

    mutating func add(_ name: String, _ value: JSONValue) throws(LeafError) {
        let start = try begin(name)
        try append(value, of: name, depth: 1)
        end(start)
    }

    mutating func add(_ name: String, _ commitment: Commitment) throws(LeafError) {
        let start = try begin(name)
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
        end(start)
    }

    /// - Returns: the prefix and the object, its members sorted by name.
    consuming func write(prefix: UInt8) throws(LeafError) -> [UInt8] {
        members.sort { $0.head == $1.head ? precedes($0.name, $1.name) : $0.head < $1.head }
        for (a, b) in zip(members, members.dropFirst()) where a.head == b.head {
            guard bytes[a.name] != bytes[b.name] else {
                throw .ledgersField(String(decoding: bytes[a.name], as: UTF8.self))
            }
        }
        let size = bytes.count + members.count + 1
        guard size <= Leaf.maximumBytes else { throw .tooLarge }
        var output: [UInt8] = []
        output.reserveCapacity(1 + size)
        output.append(prefix)
        output.append(UInt8(ascii: "{"))
        for member in members {
            // The quote in front of the name belongs to the member.
            output += bytes[member.name.lowerBound - 1..<member.end]
            output.append(UInt8(ascii: ","))
        }
        output[output.count - 1] = UInt8(ascii: "}")
        return output
    }

    private func precedes(_ a: Range<Int>, _ b: Range<Int>) -> Bool {
        bytes[a].lexicographicallyPrecedes(bytes[b])
    }

    private mutating func begin(_ name: String) throws(LeafError) -> Int {
        guard bytes.count <= Leaf.maximumBytes else { throw .tooLarge }
        let start = bytes.count + 1
        try append(name: name)
        return start
    }

    private mutating func end(_ start: Int) {
        var head: UInt64 = 0
        var place = start
        while place < start + 8, bytes[place] != UInt8(ascii: "\"") {
            head |= UInt64(bytes[place]) << UInt64(56 - 8 * (place - start))
            place += 1
        }
        while bytes[place] != UInt8(ascii: "\"") { place += 1 }
        members.append(Member(head: head, name: start..<place, end: bytes.count))
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
            bytes.append(UInt8(ascii: "{"))
            for (place, member) in object.members.sorted(by: { $0.key < $1.key }).enumerated() {
                if place > 0 { bytes.append(UInt8(ascii: ",")) }
                try append(name: member.key)
                try append(member.value, of: name, depth: depth + 1)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private mutating func append(name: String) throws(LeafError) {
        let text = name.utf8.span
        guard (1...Self.maximumNameBytes).contains(text.count) else { throw .badName(name) }
        try bytes.append(addingCapacity: text.count + 3) { output throws(LeafError) in
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
        if isPlain(text) {
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
        bytes += String(integer).utf8
    }

    /// Base64 of 32 bytes, in quotes, without an array in between.
    private mutating func append(_ digest: Digest) {
        bytes.append(addingCapacity: Digest.base64Length + 2) { output in
            output.append(UInt8(ascii: "\""))
            digest.appendBase64(to: &output)
            output.append(UInt8(ascii: "\""))
        }
    }
}

/// Whether no byte needs an escape or is refused. Looks at all of them, so that it can look at many at once.
private func isPlain(_ text: Span<UInt8>) -> Bool {
    var others: UInt8 = 0
    for place in text.indices {
        let byte = text[place]
        others |= byte < 0x20 || byte == 0x7f || byte == 0x22 || byte == 0x5c ? 1 : 0
    }
    return others == 0
}

private func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "_"):
        true
    default: false
    }
}
