import InterlockJSON
import InterlockModel

/// Writes one leaf in RFC 8785 form. Narrower than JSON on purpose: names are ASCII, so that byte order
/// is the order of the RFC, and strings hold no control characters, so that two escapes suffice.
struct LeafWriter {
    enum Field {
        case text(String)
        case integer(Int64)
        case digest(Digest)
        case commitment(Commitment)
        case value(JSONValue)
    }

    var fields: [(name: String, field: Field)] = []

    static let maximumNameBytes = 32
    static let maximumTextBytes = 128
    static let maximumDepth = 4
    static let largestInteger: UInt64 = (1 << 53) - 1

    /// - Returns: the prefix and the object.
    consuming func write(prefix: UInt8) throws(LeafError) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(1024)
        output.append(prefix)
        fields.sort { $0.name < $1.name }
        var last: String?
        for (name, field) in fields {
            guard name != last else { throw .ledgersField(name) }
            output.append(last == nil ? UInt8(ascii: "{") : UInt8(ascii: ","))
            try append(name: name, to: &output)
            try append(field, of: name, to: &output)
            last = name
        }
        output.append(UInt8(ascii: "}"))
        return output
    }

    private func append(
        _ field: Field, of name: String, to output: inout [UInt8]
    ) throws(LeafError) {
        switch field {
        case .text(let text): try append(text: text, of: name, to: &output)
        case .integer(let value): try append(integer: value, of: name, to: &output)
        case .digest(let digest): append(digest, to: &output)
        case .commitment(let commitment):
            output.append(UInt8(ascii: "{"))
            if let stored = commitment.stored {
                output += #""b":"#.utf8
                append(stored, to: &output)
                output.append(UInt8(ascii: ","))
            }
            output += #""c":"#.utf8
            append(commitment.content, to: &output)
            output += #","n":"#.utf8
            try append(integer: Int64(commitment.length), of: name, to: &output)
            output.append(UInt8(ascii: "}"))
        case .value(let value): try append(value, of: name, depth: 1, to: &output)
        }
    }

    private func append(
        _ value: JSONValue, of name: String, depth: Int, to output: inout [UInt8]
    ) throws(LeafError) {
        guard depth <= Self.maximumDepth else { throw .badValue(name) }
        switch value {
        case .null, .number: throw .badValue(name)
        case .bool(let truth): output += (truth ? "true" : "false").utf8
        case .integer(let number): try append(integer: number, of: name, to: &output)
        case .string(let text): try append(text: text, of: name, to: &output)
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            for (place, element) in elements.enumerated() {
                if place > 0 { output.append(UInt8(ascii: ",")) }
                try append(element, of: name, depth: depth + 1, to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let object):
            output.append(UInt8(ascii: "{"))
            for (place, member) in object.members.sorted(by: { $0.key < $1.key }).enumerated() {
                if place > 0 { output.append(UInt8(ascii: ",")) }
                try append(name: member.key, to: &output)
                try append(member.value, of: name, depth: depth + 1, to: &output)
            }
            output.append(UInt8(ascii: "}"))
        }
    }

    private func append(name: String, to output: inout [UInt8]) throws(LeafError) {
        guard (1...Self.maximumNameBytes).contains(name.utf8.count),
            name.utf8.allSatisfy(isNameByte)
        else { throw .badName(name) }
        output.append(UInt8(ascii: "\""))
        output += name.utf8
        output.append(UInt8(ascii: "\""))
        output.append(UInt8(ascii: ":"))
    }

    private func append(
        text: String, of name: String, to output: inout [UInt8]
    ) throws(LeafError) {
        guard text.utf8.count <= Self.maximumTextBytes else { throw .badValue(name) }
        output.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            guard byte >= 0x20, byte != 0x7f else { throw .badValue(name) }
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                output.append(UInt8(ascii: "\\"))
            }
            output.append(byte)
        }
        output.append(UInt8(ascii: "\""))
    }

    private func append(
        integer: Int64, of name: String, to output: inout [UInt8]
    ) throws(LeafError) {
        guard integer.magnitude <= Self.largestInteger else { throw .badValue(name) }
        output += String(integer).utf8
    }

    /// Base64 of 32 bytes, in quotes, without an array in between.
    private func append(_ digest: Digest, to output: inout [UInt8]) {
        let (a, b, c, d) = digest.words
        output.append(UInt8(ascii: "\""))
        // 42 whole groups of six bits, then four bits and two of filling.
        for group in 0..<43 {
            let offset = group * 6
            let (word, next): (UInt64, UInt64) =
                switch offset / 64 {
                case 0: (a, b)
                case 1: (b, c)
                case 2: (c, d)
                default: (d, 0)
                }
            let shift = offset % 64
            let bits = shift == 0 ? word : word << UInt64(shift) | next >> UInt64(64 - shift)
            output.append(symbols[Int(bits >> 58)])
        }
        output.append(UInt8(ascii: "="))
        output.append(UInt8(ascii: "\""))
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

private let symbols = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
