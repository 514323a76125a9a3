import InterlockJSON

extension CELMap {
    /// The entry at a position, in the order in which the entries were added.
    ///
    /// - Precondition: `index` is within `0..<count`.
    subscript(index: Int) -> (key: CELValue, value: CELValue) {
        switch self {
        case .entries(let entries): return entries[index]
        case .json(let object):
            let (key, value) = object.members[index]
            return (.string(key), CELValue(value))
        }
    }

    /// The value under a key. A number finds its entry regardless of the kind of number.
    ///
    /// - Returns: nil if there is no such key, also for values that cannot be keys.
    /// - Throws: `budget`: 1 step per 16 entries, and per 16 bytes that a key has in common with the
    ///   requested one.
    func value(for key: CELValue, _ budget: inout CELBudget) throws(CELFault) -> CELValue? {
        if case .string(let name) = key { return try value(named: name, &budget) }
        guard case .entries(let entries) = self else { return nil }
        try budget.spend(entries.count / 16)
        for entry in entries where CELMap.isSameKey(entry.key, key) { return entry.value }
        return nil
    }

    /// The value under a string, or nil if there is no such key.
    func value(named name: String, _ budget: inout CELBudget) throws(CELFault) -> CELValue? {
        switch self {
        case .json(let object): return try object.lookUp(name, &budget).map { CELValue($0) }
        case .entries(let entries):
            try budget.spend(entries.count / 16)
            for entry in entries {
                if case .string(let key) = entry.key, try isSameName(key, name, &budget) {
                    return entry.value
                }
            }
            return nil
        }
    }

    /// Compares keys that are not strings: bools and numbers.
    private static func isSameKey(_ a: CELValue, _ b: CELValue) -> Bool {
        if case .bool(let a) = a, case .bool(let b) = b { return a == b }
        return CELValue.haveSameNumber(a, b)
    }
}

extension JSONObject {
    /// The member with a name, or nil if there is no such member.
    func lookUp(_ name: String, _ budget: inout CELBudget) throws(CELFault) -> JSONValue? {
        let members = self.members
        try budget.spend(members.count / 16)
        // A span is read in place; iterating would copy each member.
        let span = members.span
        for place in span.indices where try isSameName(span[place].key, name, &budget) {
            return span[place].value
        }
        return nil
    }
}

/// Returns true if the names are equal. Names mostly differ in their length or their first bytes, which
/// costs nothing; keys that are crafted to differ late cost steps.
private func isSameName(
    _ key: String, _ name: String, _ budget: inout CELBudget
) throws(CELFault) -> Bool {
    guard key.utf8.count == name.utf8.count else { return false }
    let key = key.utf8.span
    let name = name.utf8.span
    var common = 0
    while common < name.count, key[common] == name[common] { common += 1 }
    try budget.spend(common / 16)
    return common == name.count
}
