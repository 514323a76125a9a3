import InterlockJSON

/// Comparison by the value of numbers: `1`, `1.0` and `10e-1` are equal, as RFC 6902, section 4.6, has it. Other texts
/// are compared by their bytes.
extension JSONValue {
    func hasSameValue(as other: JSONValue) -> Bool {
        switch (self, other) {
        case (.null, .null): return true
        case (.bool(let a), .bool(let b)): return a == b
        case (.string(let a), .string(let b)): return sameBytes(a, b)
        case (.array(let a), .array(let b)):
            return a.count == b.count && zip(a, b).allSatisfy { $0.hasSameValue(as: $1) }
        case (.object(let a), .object(let b)):
            return a.count == b.count
                && a.members.allSatisfy { member in
                    b[member.key].map { member.value.hasSameValue(as: $0) } ?? false
                }
        default:
            guard let a = ExactDecimal(self), let b = ExactDecimal(other) else { return false }
            return a == b
        }
    }

    /// Returns true if this value has all of `part`: of objects the stated members at each level, and all else alike.
    func hasAtLeast(_ part: JSONValue) -> Bool {
        guard case .object(let wanted) = part, case .object(let object) = self else {
            return hasSameValue(as: part)
        }
        return object.hasAtLeast(wanted)
    }
}

extension JSONObject {
    func hasAtLeast(_ part: JSONObject) -> Bool {
        part.members.allSatisfy { member in
            self[member.key].map { $0.hasAtLeast(member.value) } ?? false
        }
    }
}
