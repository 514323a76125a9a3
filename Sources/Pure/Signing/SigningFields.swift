import InterlockModel

/// Reads big-endian fields of a message, never past its end.
struct SigningFields {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= bytes.count - position else { return nil }
        defer { position += count }
        return bytes[position..<position + count]
    }

    mutating func integer(_ width: Int) -> UInt64? {
        guard let field = take(width) else { return nil }
        var value: UInt64 = 0
        for byte in field { value = value << 8 | UInt64(byte) }
        return value
    }

    mutating func digest() -> Digest? { take(32).flatMap { Digest(bytes: $0) } }

    /// Reads a text of at most 255 bytes, which its length precedes.
    mutating func text() -> String? {
        guard let length = integer(1), let field = take(Int(length)) else { return nil }
        return String(validating: field, as: UTF8.self)
    }

    /// Returns all bytes that follow.
    mutating func rest() -> [UInt8] {
        defer { position = bytes.count }
        return Array(bytes[position...])
    }
}

/// Writes what `SigningFields` reads.
struct SigningFieldsWriter {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ value: UInt64, width: Int) {
        for place in stride(from: (width - 1) * 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(place)))
        }
    }

    mutating func add(_ digest: Digest) { bytes += digest.bytes }

    mutating func add(_ more: [UInt8]) { bytes += more }

    /// - Precondition: the text has at most 255 bytes.
    mutating func add(_ text: String) {
        let field = Array(text.utf8)
        precondition(field.count <= 255, "a field's length has one byte")
        add(UInt64(field.count), width: 1)
        bytes += field
    }
}
