/// Equality by bytes: strings are equal if their bytes are, and `1` and `1.0` differ because their texts do. The time
/// is linear in the size of the smaller tree, whatever the order of members.
extension JSONValue {
    package static func == (a: JSONValue, b: JSONValue) -> Bool {
        var steps = 0
        return a.equals(b, &steps)
    }

    /// - Parameter steps: is increased by the values compared and by the cost of finding members.
    func equals(_ other: JSONValue, _ steps: inout Int) -> Bool {
        steps += 1
        switch (self, other) {
        case (.null, .null): return true
        case (.bool(let a), .bool(let b)): return a == b
        case (.integer(let a), .integer(let b)): return a == b
        case (.number(let a), .number(let b)): return sameBytes(a.text, b.text)
        case (.string(let a), .string(let b)): return sameBytes(a, b)
        case (.array(let a), .array(let b)):
            guard a.count == b.count else { return false }
            for place in a.indices where !a[place].equals(b[place], &steps) { return false }
            return true
        case (.object(let a), .object(let b)): return a.equals(b, &steps)
        case (.null, _), (.bool, _), (.integer, _), (.number, _), (.string, _), (.array, _),
            (.object, _):
            return false
        }
    }
}

extension JSONObject {
    package static func == (a: JSONObject, b: JSONObject) -> Bool {
        var steps = 0
        return a.equals(b, &steps)
    }

    func equals(_ other: JSONObject, _ steps: inout Int) -> Bool {
        guard count == other.count else { return false }
        for place in members.indices {
            let key = members[place].key
            // Most pairs of objects that are compared have their members in the same order.
            steps += 1 + key.utf8.count
            let found =
                sameBytes(other.members[place].key, key) ? place : other.place(of: key, &steps)
            guard let found, members[place].value.equals(other.members[found].value, &steps) else {
                return false
            }
        }
        return true
    }
}

/// Hashing by the bytes of strings, consistent with equality.
extension JSONValue {
    package func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0 as UInt8)
        case .bool(let value): hasher.combine(value ? 2 as UInt8 : 1)
        case .integer(let value):
            hasher.combine(3 as UInt8)
            hasher.combine(value)
        case .number(let value):
            hasher.combine(4 as UInt8)
            hashBytes(of: value.text, into: &hasher)
        case .string(let value):
            hasher.combine(5 as UInt8)
            hashBytes(of: value, into: &hasher)
        case .array(let elements):
            hasher.combine(6 as UInt8)
            hasher.combine(elements)
        case .object(let object):
            hasher.combine(7 as UInt8)
            hasher.combine(object)
        }
    }
}

extension JSONObject {
    package func hash(into hasher: inout Hasher) {
        // A sum does not depend on the order of members.
        var sum = 0
        for (key, value) in members {
            var member = Hasher()
            hashBytes(of: key, into: &member)
            member.combine(value)
            sum &+= member.finalize()
        }
        hasher.combine(sum)
    }
}
