import InterlockPolicyCEL

/// Makes literals: the conditions on one location under which a test is true, false or an error.
struct AtomMaker: Sendable {
    let domain: InputDomain

    /// The truth of `term comparison constant`, or nil if it is outside the decidable subset.
    func comparison(_ term: Term, _ comparison: CELOperator, _ constant: CELValue) -> Ternary? {
        switch comparison {
        case .equal: membership(term, in: [constant])
        case .notEqual: membership(term, in: [constant])?.negated
        case .less, .lessEqual, .greater, .greaterEqual: order(term, comparison, constant)
        default: nil
        }
    }

    /// The truth of `term in [values]`, which means `==` with any of them: false across kinds, and an error
    /// only if the location is absent. Returns nil outside the decidable subset.
    func membership(_ term: Term, in values: [CELValue]) -> Ternary? {
        switch term {
        case .constant(let value):
            let answers = values.map { foldedEquality(value, $0) }
            if answers.contains(true) { return .always }
            return answers.contains(nil) ? nil : .never
        case .size(let names):
            var sizes = NumberSet.none(.count)
            for value in values {
                guard let number = ConstantNumber(value) else { return nil }
                sizes = sizes.union(NumberSet(.count, .equal, number))
            }
            return measured(names, sizes)
        case .place(let names):
            guard let grid = domain.constraint(at: names)?.numbers.grid,
                let wanted = matching(values, grid)
            else { return nil }
            return atom(names, true: wanted.inside, false: wanted.outside)
        }
    }

    /// The truth of `has(place)`.
    func presence(of names: [String]) -> Ternary? {
        atom(names, true: Constraint(.present), false: Constraint(.absent))
    }

    /// The truth of a location that is a condition by itself.
    func flag(_ names: [String]) -> Ternary? {
        atom(names, true: Constraint(.true), false: Constraint(.false))
    }

    /// The truth of `subject.startsWith(part)`, `endsWith` or `contains`, otherwise nil.
    func match(_ subject: Term, _ function: String, _ part: CodePointArray) -> Ternary? {
        let atom: StringAtom
        switch function {
        case "startsWith": atom = .prefix(part)
        case "endsWith": atom = .suffix(part)
        case "contains": atom = .contains(part)
        default: return nil
        }
        return text(subject, StringLiteral(atom: atom))
    }

    private func order(_ term: Term, _ comparison: CELOperator, _ constant: CELValue) -> Ternary? {
        switch (term, constant) {
        case (.size(let names), _):
            guard let number = ConstantNumber(constant) else { return nil }
            return measured(names, NumberSet(.count, comparison, number))
        case (.place(let names), .timestamp(let time)):
            guard names == ["now"] else { return nil }
            return number(names, NumberSet(.time, comparison, time.milliseconds))
        case (_, .string(let other)):
            let before = StringLiteral(atom: .before(other.codePointArray))
            // The immediate successor of a text is that text followed by U+0000.
            let through = StringLiteral(atom: .before(other.codePointArray + [0]))
            switch comparison {
            case .less: return text(term, before)
            case .greaterEqual: return text(term, before.negated)
            case .lessEqual: return text(term, through)
            default: return text(term, through.negated)
            }
        case (.place(let names), _):
            guard names != ["now"], let constant = ConstantNumber(constant),
                let grid = domain.constraint(at: names)?.numbers.grid
            else { return nil }
            return number(names, NumberSet(grid, comparison, constant))
        case (.constant(let value), _):
            guard let a = ConstantNumber(value), let b = ConstantNumber(constant), a.isExact,
                b.isExact
            else { return nil }
            return Ternary(constant: NumberSet(.real, comparison, b).contains(a.below))
        }
    }

    private func text(_ subject: Term, _ literal: StringLiteral) -> Ternary? {
        switch subject {
        case .place(let names):
            return atom(
                names, true: Constraint(.string, strings: [literal]),
                false: Constraint(.string, strings: [literal.negated]))
        case .constant(.string(let text)):
            return Ternary(constant: literal.holds(for: text.codePointArray))
        default: return nil
        }
    }

    private func number(_ names: [String], _ wanted: NumberSet) -> Ternary? {
        atom(
            names, true: Constraint(.number, numbers: wanted),
            false: Constraint(.number, numbers: wanted.complement))
    }

    private func measured(_ names: [String], _ sizes: NumberSet) -> Ternary? {
        func sized(_ sizes: NumberSet) -> Constraint {
            Constraint(.sized, strings: [StringLiteral(atom: .size(sizes))], counts: sizes)
        }
        return atom(names, true: sized(sizes), false: sized(sizes.complement))
    }
}
