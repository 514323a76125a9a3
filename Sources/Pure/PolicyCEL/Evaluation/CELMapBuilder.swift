/// Builds a map from entries that are added one by one.
struct CELMapBuilder {
    /// The number of entries below which a linear search is faster than hashing.
    private static let few = 8

    private var entries: [(key: CELValue, value: CELValue)] = []
    /// The keys, filled only once there are more than a few entries.
    private var keys: Set<CELKey> = []

    init(capacity: Int) { entries.reserveCapacity(capacity) }

    /// - Throws: `key_type` for a key that is not a bool, integer or string; `repeated_key`.
    mutating func add(_ key: CELValue, _ value: CELValue) throws(CELFault) {
        guard isNew(try CELKey.ofEntry(key)) else { throw CELFault(.repeatedKey, key.text) }
        entries.append((key, value))
    }

    /// - Precondition: the key differs from every other key that is added.
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
