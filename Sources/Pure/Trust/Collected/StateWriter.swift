import InterlockJSON
import InterlockLedger
import InterlockModel

/// The binary form of values: integers of 8 bytes, big-endian; a text, bytes and a list after their count; an optional
/// value after a byte that is 1 if there is one, else 0; a case by its place among all cases.
struct StateWriter {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ value: UInt64) { bytes.appendInteger(value, width: 8) }
    mutating func add(_ value: Int64) { add(UInt64(bitPattern: value)) }
    mutating func add(_ value: Int) { add(Int64(value)) }
    mutating func add(_ value: Bool) { bytes.append(value ? 1 : 0) }
    mutating func add(_ time: Timestamp) { add(time.microseconds) }

    mutating func add(_ digest: Digest) {
        add(digest.words.0)
        add(digest.words.1)
        add(digest.words.2)
        add(digest.words.3)
    }

    mutating func add(_ text: String) {
        add(text.utf8.count)
        bytes += text.utf8
    }

    mutating func add(bytes more: [UInt8]) {
        add(more.count)
        bytes += more
    }

    /// - Precondition: `value` is one of all cases.
    mutating func add<Value: CaseIterable & Equatable>(case value: Value) {
        guard let place = Value.allCases.enumerated().first(where: { $0.element == value }) else {
            preconditionFailure("a case is not among all cases")
        }
        bytes.append(UInt8(place.offset))
    }

    mutating func add<Value>(_ value: Value?, _ body: (inout StateWriter, Value) -> Void) {
        add(value != nil)
        if let value { body(&self, value) }
    }

    mutating func add<Values: Collection>(
        each values: Values, _ body: (inout StateWriter, Values.Element) -> Void
    ) {
        add(values.count)
        for value in values { body(&self, value) }
    }

    mutating func add(each digests: some Collection<Digest>) {
        add(each: digests) { $0.add($1) }
    }

    /// Adds a record in its canonical form.
    mutating func add(_ record: StoredRecord) {
        // The bytes of a stored record were canonical, so there is such a form.
        add(bytes: (try? record.object.canonical()) ?? [])
    }
}
