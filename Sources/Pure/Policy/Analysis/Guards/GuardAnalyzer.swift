import InterlockPolicyCEL

/// Translates a guard to the sets of inputs for which it is true, false and an error (docs/specs/policy.md,
/// section 8.1).
///
/// An expression that is not understood becomes an opaque path, the same for the same text. A conclusion
/// that holds in spite of it (a region is empty) is sound; one that depends on it is left open.
struct GuardAnalyzer: Sendable {
    private let tree: CELTree
    private let reader: TermReader
    private let domain: InputDomain

    static func analyze(
        _ tree: CELTree, in context: GuardContext
    ) throws(AnalysisLimit) -> Ternary {
        let analyzer = GuardAnalyzer(
            tree: tree, reader: TermReader(tree: tree, context: context), domain: context.domain)
        return try analyzer.truth(of: tree.root)
    }

    private func truth(of id: CELTree.ID) throws(AnalysisLimit) -> Ternary {
        switch tree[id].kind {
        case .literal(.bool(let value)): return Ternary(constant: value)
        case .not(let operand): return try truth(of: operand).negated
        case .binary(.and, let left, let right):
            return try truth(of: left).and(try truth(of: right))
        case .binary(.or, let left, let right): return try truth(of: left).or(try truth(of: right))
        case .conditional(let condition, let yes, let no):
            return try truth(of: condition).choose(try truth(of: yes), try truth(of: no))
        default: return literal(id) ?? opaque(id)
        }
    }

    /// Returns nil if the expression is outside the decidable subset.
    private func literal(_ id: CELTree.ID) -> Ternary? {
        let atoms = AtomMaker(domain: domain)
        switch tree[id].kind {
        case .binary(.in, let element, let list):
            guard let term = reader.term(element), let values = reader.constants(list) else {
                return nil
            }
            return atoms.membership(term, in: values)
        case .binary(let comparison, let left, let right):
            guard let a = reader.term(left), let b = reader.term(right) else { return nil }
            if case .constant(let constant) = b { return atoms.comparison(a, comparison, constant) }
            guard case .constant(let constant) = a, let flipped = comparison.flipped else {
                return nil
            }
            return atoms.comparison(b, flipped, constant)
        case .has(let operand, let field):
            guard case .place(let names)? = reader.place(operand, field) else { return nil }
            return atoms.presence(of: names)
        case .call(let name, let target?, let arguments, _):
            guard arguments.count == 1, let subject = reader.term(target),
                case .constant(.string(let part))? = reader.term(arguments[0])
            else { return nil }
            return atoms.match(subject, name, part.codePointArray)
        default:
            guard case .place(let names)? = reader.term(id) else { return nil }
            return atoms.flag(names)
        }
    }

    private func opaque(_ id: CELTree.ID) -> Ternary {
        let path = InputPath.opaque(tree.normalForm(of: id))
        func region(_ kinds: ValueKinds) -> Region { Region([Cube([path: Constraint(kinds)])]) }
        return Ternary(
            isTrue: region(.true), isFalse: region(.false), isError: region(.absent),
            isNotTrue: region([.false, .absent]), isNotFalse: region([.true, .absent]))
    }
}

extension CELOperator {
    /// The comparison with its sides exchanged, or nil if the operator is not a comparison.
    fileprivate var flipped: CELOperator? {
        switch self {
        case .equal, .notEqual: self
        case .less: .greater
        case .lessEqual: .greaterEqual
        case .greater: .less
        case .greaterEqual: .lessEqual
        default: nil
        }
    }
}

/// The context in which a guard is analysed: one tool of one agent at one stage.
package struct GuardContext: Sendable {
    let domain: InputDomain
    /// The facts of the table's cell, which are the same for each of its calls: `call.server`, `call.tool`,
    /// `call.class`, `call.environment`, `call.kind`, `agent.tier`, `agent.stage`.
    let constants: [String: String]

    package init(domain: InputDomain, constants: [String: String]) {
        self.domain = domain
        self.constants = constants
    }
}
