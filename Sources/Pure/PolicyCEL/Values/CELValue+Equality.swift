import InterlockJSON

extension CELValue {
    /// The `==` of the language: numbers by their exact values across kinds, strings by their bytes, lists
    /// and maps element by element. Values of other kinds are different, which is not an error; NaN equals
    /// nothing.
    ///
    /// - Throws: only `budget`: 1 step per 16 bytes, and per element of a list or map.
    package static func equals(
        _ a: CELValue, _ b: CELValue, budget: inout CELBudget
    ) throws(CELFault) -> Bool {
        switch (a, b) {
        case (.string(let a), .string(let b)): return try sameText(a, b, &budget)
        case (.int(let a), .int(let b)): return a == b
        case (.int, _), (.uint, _), (.double, _): return haveSameNumber(a, b)
        case (.bool(let a), .bool(let b)): return a == b
        case (.null, .null): return true
        case (.bytes(let a), .bytes(let b)):
            guard a.count == b.count else { return false }
            try budget.spend(bytes: a.count)
            return a == b
        case (.list(let a), .list(let b)): return try haveSameElements(a, b, &budget)
        case (.map(let a), .map(let b)): return try haveSameEntries(a, b, &budget)
        case (.type(let a), .type(let b)): return try sameText(a.name, b.name, &budget)
        case (.duration(let a), .duration(let b)): return a == b
        case (.timestamp(let a), .timestamp(let b)): return a == b
        case (.optional(let a), .optional(let b)):
            guard let a = a.value, let b = b.value else { return a.value == nil && b.value == nil }
            return try equals(a, b, budget: &budget)
        case (.ip(let a), .ip(let b)): return a == b
        case (.cidr(let a), .cidr(let b)): return a == b
        default: return false
        }
    }

    /// Returns true if both are numbers of the same exact value: `1`, `1u` and `1.0` are, 2^53 + 1 and the
    /// double nearest to it are not.
    static func haveSameNumber(_ a: CELValue, _ b: CELValue) -> Bool {
        switch (a, b) {
        case (.int(let a), .int(let b)): a == b
        case (.uint(let a), .uint(let b)): a == b
        case (.double(let a), .double(let b)): a == b
        case (.int(let a), .uint(let b)), (.uint(let b), .int(let a)): a == b
        case (.int(let a), .double(let b)), (.double(let b), .int(let a)): Int64(exactly: b) == a
        case (.uint(let a), .double(let b)), (.double(let b), .uint(let a)): UInt64(exactly: b) == a
        default: false
        }
    }
}

/// Returns true if two strings have the same bytes.
func sameText(_ a: String, _ b: String, _ budget: inout CELBudget) throws(CELFault) -> Bool {
    let count = a.utf8.count
    guard count == b.utf8.count else { return false }
    try budget.spend(bytes: count)
    return sameBytes(a, b)
}

private func haveSameElements(
    _ a: CELList, _ b: CELList, _ budget: inout CELBudget
) throws(CELFault) -> Bool {
    guard a.count == b.count else { return false }
    for index in 0..<a.count {
        try budget.spend()
        guard try CELValue.equals(a[index], b[index], budget: &budget) else { return false }
    }
    return true
}

private func haveSameEntries(
    _ a: CELMap, _ b: CELMap, _ budget: inout CELBudget
) throws(CELFault) -> Bool {
    guard a.count == b.count else { return false }
    for index in 0..<a.count {
        try budget.spend()
        let (key, value) = a[index]
        guard let other = try b.value(for: key, &budget),
            try CELValue.equals(value, other, budget: &budget)
        else { return false }
    }
    return true
}
