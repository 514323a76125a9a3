/// Builds a map of entries that come one by one.
struct CELMapBuilder {
    /// Up to here looking at each key is quicker than hashing.
    private static let few = 8

    private var entries: [(key: CELValue, value: CELValue)] = []
    /// Filled when there are more than a few entries.
    private var keys: Set<CELKey> = []

    init(capacity: Int) { entries.reserveCapacity(capacity) }

    /// - Throws: `key_type` for what is no bool, integer or string; `repeated_key`.
    mutating func add(_ key: CELValue, _ value: CELValue) throws(CELFault) {
        guard isNew(try CELKey.ofEntry(key)) else { throw CELFault(.repeatedKey, key.text) }
        entries.append((key, value))
    }

    /// - Precondition: the key is one of a map whose keys are all that is added.
    mutating func add(distinct key: CELValue, _ value: CELValue) { entries.append((key, value)) }

    var value: CELValue { .map(.entries(entries)) }

    private mutating func isNew(_ key: CELKey) -> Bool {
        if entries.count < Self.few {
            return !entries.contains { CELKey($0.key) == key }
        }
        if keys.isEmpty { keys = Set(entries.compactMap { CELKey($0.key) }) }
        return keys.insert(key).inserted
    }
}
