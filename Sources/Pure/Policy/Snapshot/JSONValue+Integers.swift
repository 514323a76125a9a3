import InterlockJSON

extension JSONValue {
    /// The value with every number that its canonical form spells as a small integer replaced by that
    /// integer: `500.0` and `5e2` are sent as `500`, so they are decided as 500 (docs/specs/policy.md,
    /// section 5.2).
    var integersUnified: JSONValue {
        guard spellsIntegersOtherwise else { return self }
        return switch self {
        case .null, .bool, .integer, .string: self
        case .number(let number): number.smallInteger.map(JSONValue.integer) ?? self
        case .array(let items): .array(items.map(\.integersUnified))
        case .object(let object):
            .object(JSONObject(distinct: object.members.map { ($0.key, $0.value.integersUnified) }))
        }
    }

    /// True if the tree contains such a number. Most trees do not, and are not copied.
    private var spellsIntegersOtherwise: Bool {
        switch self {
        case .null, .bool, .integer, .string: false
        case .number(let number): number.smallInteger != nil
        case .array(let items): items.contains(where: \.spellsIntegersOtherwise)
        case .object(let object): object.members.contains { $0.value.spellsIntegersOtherwise }
        }
    }
}

extension JSONNumber {
    /// The integer within ±(2^53 - 1), or nil for every other number.
    fileprivate var smallInteger: Int64? {
        guard abs(double) <= 9_007_199_254_740_991 else { return nil }
        return Int64(exactly: double)
    }
}
