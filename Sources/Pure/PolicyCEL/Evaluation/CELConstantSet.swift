import InterlockJSON

/// The constants of a list on the right side of `in`.
struct CELConstantSet: Sendable {
    /// The number of values up to which a linear search is faster than hashing.
    private static let few = 8

    private let values: [CELValue]
    /// The values as keys. Is nil for few values, and if one of them has no key, such as `0.5`.
    private let keys: Set<CELKey>?

    init(_ list: CELList) {
        values = (0..<list.count).map { list[$0] }
        let keys = values.count > Self.few ? values.compactMap { CELKey($0) } : []
        self.keys = keys.count > 0 && keys.count == values.count ? Set(keys) : nil
    }

    /// - Throws: only `budget`. A string or bytes value is charged once, regardless of the number of
    ///   constants.
    func contains(_ value: CELValue, _ budget: inout CELBudget) throws(CELFault) -> Bool {
        switch value {
        case .string(let text):
            try budget.spend(bytes: text.utf8.count)
            return contains(text)
        case .bytes(let bytes):
            try budget.spend(bytes: bytes.count)
            return values.contains { if case .bytes(bytes) = $0 { true } else { false } }
        default: break
        }
        if let keys { return CELKey(value).map { keys.contains($0) } ?? false }
        for place in values.indices
        where try CELValue.equals(values[place], value, budget: &budget) {
            return true
        }
        return false
    }

    private func contains(_ text: String) -> Bool {
        if let keys { return keys.contains(.string(ExactText(text))) }
        for place in values.indices {
            if case .string(let constant) = values[place], sameBytes(constant, text) { return true }
        }
        return false
    }
}
