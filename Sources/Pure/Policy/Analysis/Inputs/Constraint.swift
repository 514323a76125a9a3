import InterlockJSON

/// The values that one location may hold: the allowed kinds, and the conditions on values of each kind.
package struct Constraint: Hashable, Sendable {
    package private(set) var kinds: ValueKinds
    /// The condition on numbers.
    package private(set) var numbers: NumberSet
    /// The conditions on strings, all of which must hold.
    package private(set) var strings: Set<StringLiteral>
    /// The condition on the number of elements of lists and objects.
    package private(set) var counts: NumberSet

    package init(
        _ kinds: ValueKinds, numbers: NumberSet = .all(.real), strings: Set<StringLiteral> = [],
        counts: NumberSet = .all(.count)
    ) {
        self.kinds = kinds
        self.numbers = numbers
        self.strings = strings
        self.counts = counts
        normalize()
    }

    var isEmpty: Bool { kinds.isEmpty }

    package func intersection(_ other: Constraint) -> Constraint {
        Constraint(
            kinds.intersection(other.kinds), numbers: numbers.intersection(other.numbers),
            strings: strings.union(other.strings), counts: counts.intersection(other.counts))
    }

    /// A sufficient, not a necessary test: strings are compared as literals.
    func isSubset(of other: Constraint) -> Bool {
        kinds.isSubset(of: other.kinds)
            && (!kinds.contains(.number) || numbers.isSubset(of: other.numbers))
            && (!kinds.contains(.string) || strings.isSuperset(of: other.strings))
            && (kinds.isDisjoint(with: [.list, .object]) || counts.isSubset(of: other.counts))
    }

    func admits(_ value: JSONValue?) -> Bool {
        guard !kinds.isDisjoint(with: ValueKinds(of: value)) else { return false }
        switch value {
        case .integer(let number): return numbers.contains(Double(number))
        case .number(let number): return numbers.contains(number.double)
        case .string(let text):
            let text = text.codePointArray
            return strings.allSatisfy { $0.holds(for: text) }
        case .array(let items): return counts.contains(Double(items.count))
        case .object(let object): return counts.contains(Double(object.count))
        case nil, .null, .bool: return true
        }
    }

    /// Removes kinds that no value can have, and conditions on kinds that are excluded, so that equal
    /// constraints look equal. `StringSolver` finds contradictions of strings that are not obvious.
    private mutating func normalize() {
        if numbers.isEmpty { kinds.subtract(.number) }
        if counts.isEmpty { kinds.subtract([.list, .object]) }
        if kinds.contains(.string), contradictory(strings) { kinds.subtract(.string) }
        if !kinds.contains(.number) { numbers = .all(numbers.grid) }
        if !kinds.contains(.string) { strings = [] }
        if kinds.isDisjoint(with: [.list, .object]) { counts = .all(.count) }
    }
}

/// Detects contradictions without automata: a literal and its opposite, or disjoint finite sets.
private func contradictory(_ literals: Set<StringLiteral>) -> Bool {
    guard literals.count > 1 else {
        return literals.contains { $0 == StringLiteral(atom: .oneOf([])) }
    }
    for literal in literals where !literal.isNegated {
        if literals.contains(literal.negated) { return true }
        guard case .oneOf(let texts) = literal.atom else { continue }
        if !texts.contains(where: { text in literals.allSatisfy { $0.holds(for: text) } }) {
            return true
        }
    }
    return false
}
