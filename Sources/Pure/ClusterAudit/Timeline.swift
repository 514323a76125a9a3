/// A value that changes at entries of the chain.
struct Timeline<Value: Sendable>: Sendable {
    private var changes: [(number: Int64, value: Value)]

    /// - Parameter first: the value after the first entry.
    init(_ first: Value) { changes = [(0, first)] }

    /// - Parameter number: an entry after all others that were given.
    mutating func change(to value: Value, at number: Int64) { changes.append((number, value)) }

    /// Returns the value after an entry.
    func value(at number: Int64) -> Value {
        var (low, high) = (0, changes.count)
        while low < high {
            let middle = low + (high - low) / 2
            if changes[middle].number <= number { low = middle + 1 } else { high = middle }
        }
        return changes[max(low, 1) - 1].value
    }
}
