/// Builds a map of entries that come one by one.
struct CELMapBuilder {
    private var entries: [(key: CELValue, value: CELValue)] = []
    private var keys: Set<CELKey> = []

    init(capacity: Int) {
        entries.reserveCapacity(capacity)
        keys.reserveCapacity(capacity)
    }

    /// - Throws: `key_type` for what is no bool, integer or string; `repeated_key`.
    mutating func add(_ key: CELValue, _ value: CELValue) throws(CELFault) {
        guard keys.insert(try CELKey.ofEntry(key)).inserted else {
            throw CELFault(.repeatedKey, key.text)
        }
        entries.append((key, value))
    }

    var value: CELValue { .map(.entries(entries)) }
}
