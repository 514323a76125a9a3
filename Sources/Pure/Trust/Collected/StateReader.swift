import InterlockLedger
import InterlockModel

/// Reads what a `StateWriter` wrote. Every count is bounded by the bytes that are left.
struct StateReader {
    private var reader: ByteReader

    init(_ bytes: [UInt8], in range: Range<Int>) { reader = ByteReader(bytes, in: range) }

    var isAtEnd: Bool { reader.isAtEnd }

    mutating func unsigned() throws(CollectedRunsFault) -> UInt64 {
        guard let value = reader.integer(8) else { throw .malformed }
        return value
    }

    mutating func integer() throws(CollectedRunsFault) -> Int64 {
        Int64(bitPattern: try unsigned())
    }

    /// - Throws: `malformed` also for a negative number.
    mutating func number() throws(CollectedRunsFault) -> Int {
        let value = Int(try integer())
        guard value >= 0 else { throw .malformed }
        return value
    }

    /// Reads the count of a list, whose elements have at least one byte each.
    mutating func count() throws(CollectedRunsFault) -> Int {
        let value = try number()
        guard value <= reader.end - reader.position else { throw .malformed }
        return value
    }

    mutating func flag() throws(CollectedRunsFault) -> Bool {
        guard let value = reader.integer(1), value <= 1 else { throw .malformed }
        return value == 1
    }

    mutating func time() throws(CollectedRunsFault) -> Timestamp {
        Timestamp(microseconds: try integer())
    }

    mutating func digest() throws(CollectedRunsFault) -> Digest {
        guard let digest = reader.digest() else { throw .malformed }
        return digest
    }

    mutating func text() throws(CollectedRunsFault) -> String {
        let range = try range()
        guard let text = String(validating: reader.bytes[range], as: UTF8.self) else {
            throw .malformed
        }
        return text
    }

    mutating func bytes() throws(CollectedRunsFault) -> [UInt8] {
        let range = try range()
        return Array(reader.bytes[range])
    }

    /// Passes bytes that were written with their count, and returns their place.
    mutating func range() throws(CollectedRunsFault) -> Range<Int> {
        let count = try count()
        guard let range = reader.take(count) else { throw .malformed }
        return range
    }

    /// Returns a reader of the bytes that were written with their count next.
    mutating func section() throws(CollectedRunsFault) -> StateReader {
        let range = try range()
        return StateReader(reader.bytes, in: range)
    }

    mutating func oneOf<Value: CaseIterable>(
        _ type: Value.Type
    ) throws(CollectedRunsFault) -> Value {
        guard let place = reader.integer(1),
            let value = type.allCases.dropFirst(Int(place)).first
        else { throw .malformed }
        return value
    }

    mutating func record() throws(CollectedRunsFault) -> StoredRecord {
        let bytes = try bytes()
        guard let record = try? StoredRecord(parsing: bytes) else { throw .malformed }
        return record
    }

    mutating func agent() throws(CollectedRunsFault) -> AgentName {
        let text = try text()
        guard let agent = AgentName(text) else { throw .malformed }
        return agent
    }

    mutating func digests() throws(CollectedRunsFault) -> [Digest] {
        var digests: [Digest] = []
        for _ in try 0..<count() { digests.append(try digest()) }
        return digests
    }

    mutating func optionalDigest() throws(CollectedRunsFault) -> Digest? {
        try flag() ? digest() : nil
    }

    mutating func optionalTime() throws(CollectedRunsFault) -> Timestamp? {
        try flag() ? time() : nil
    }

    mutating func optionalText() throws(CollectedRunsFault) -> String? {
        try flag() ? text() : nil
    }

    mutating func optionalNumber() throws(CollectedRunsFault) -> Int? {
        try flag() ? number() : nil
    }
}
