import InterlockJSON

/// What may stand at one place: any of the kinds, and for each kind what else must hold.
struct Constraint: Hashable, Sendable {
    private(set) var kinds: ValueKinds
    /// For numbers.
    private(set) var numbers: NumberSet
    /// For strings: all of them.
    private(set) var strings: Set<StringLiteral>
    /// For lists and objects: how many elements.
    private(set) var counts: NumberSet

    init(
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

    func intersection(_ other: Constraint) -> Constraint {
        Constraint(
            kinds.intersection(other.kinds), numbers: numbers.intersection(other.numbers),
            strings: strings.union(other.strings), counts: counts.intersection(other.counts))
    }

    /// Sufficient, not necessary: strings are compared as literals.
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

    /// Drops kinds that nothing can be of, and conditions on kinds that are excluded, so that equal
    /// constraints look equal. A contradiction of strings that is not plain is found by `StringSolver`.
    private mutating func normalize() {
        if numbers.isEmpty { kinds.subtract(.number) }
        if counts.isEmpty { kinds.subtract([.list, .object]) }
        if kinds.contains(.string), contradictory(strings) { kinds.subtract(.string) }
        if !kinds.contains(.number) { numbers = .all(numbers.grid) }
        if !kinds.contains(.string) { strings = [] }
        if kinds.isDisjoint(with: [.list, .object]) { counts = .all(.count) }
    }
}

/// What is seen without automata: a literal and its opposite, or finite sets without a common text.
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
