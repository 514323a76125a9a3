import InterlockPolicyCEL

extension AtomMaker {
    /// The values that equal one of several constants, and all other present values.
    struct Match {
        let inside: Constraint
        let outside: Constraint
    }

    /// Returns nil if a constant is of a kind that is not compared here.
    func matching(_ values: [CELValue], _ grid: NumberGrid) -> Match? {
        var kinds: ValueKinds = []
        var numbers = NumberSet.none(grid)
        var texts: [CodePointArray] = []
        for value in values {
            switch value {
            case .null: kinds.insert(.null)
            case .bool(let flag): kinds.insert(flag ? .true : .false)
            case .string(let text):
                kinds.insert(.string)
                texts.append(text.codePointArray)
            case .int, .uint, .double:
                // Times are not compared with numbers.
                guard grid != .time, let constant = ConstantNumber(value) else { return nil }
                kinds.insert(.number)
                numbers = numbers.union(NumberSet(grid, .equal, constant))
            case .timestamp(let time):
                guard grid == .time else { return nil }
                kinds.insert(.number)
                numbers = numbers.union(NumberSet(grid, .equal, time.milliseconds))
            default: return nil
            }
        }
        let listed = StringLiteral.oneOf(texts)
        // Null, true and false are kinds of one value each: one that matches is not among the others.
        let others = ValueKinds.present.subtracting(kinds.intersection([.null, .true, .false]))
        return Match(
            inside: Constraint(kinds, numbers: numbers, strings: [listed]),
            outside: Constraint(others, numbers: numbers.complement, strings: [listed.negated]))
    }

    /// A literal about one location. It is an error where the value satisfies neither constraint, or where
    /// an enclosing value is not an object.
    func atom(_ names: [String], true yes: Constraint, false no: Constraint) -> Ternary? {
        guard let own = domain.constraint(at: names) else { return nil }
        let path = InputPath.place(names)
        var outer: [InputPath: Constraint] = [:]
        var broken: [Cube?] = []
        for ancestor in path.ancestors {
            guard let allowed = domain.constraint(at: ancestor.names) else { return nil }
            var cube = outer
            cube[ancestor] = allowed.without(.object)
            broken.append(Cube(cube))
            if allowed.kinds != .object { outer[ancestor] = allowed.only(.object) }
        }
        func here(_ constraint: Constraint) -> Cube? {
            var cube = outer
            cube[path] = constraint.intersection(own)
            return Cube(cube)
        }
        let decided = yes.kinds.union(no.kinds)
        let failing = own.without(decided)
        return Ternary(
            isTrue: Region([here(yes)]), isFalse: Region([here(no)]),
            isError: Region(broken + [here(failing)]),
            isNotTrue: Region(broken + [here(no.joined(failing))]),
            isNotFalse: Region(broken + [here(yes.joined(failing))]))
    }

    /// The equality of two constants, or nil for kinds that are not compared here.
    func foldedEquality(_ a: CELValue, _ b: CELValue) -> Bool? {
        switch (a, b) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.string(let a), .string(let b)): a.codePointArray == b.codePointArray
        case (.null, .bool), (.null, .string), (.bool, .null), (.bool, .string), (.string, .null),
            (.string, .bool):
            false
        default: nil
        }
    }
}

extension Constraint {
    func only(_ some: ValueKinds) -> Constraint { intersection(Constraint(some, like: self)) }
    func without(_ some: ValueKinds) -> Constraint { only(.any.subtracting(some)) }

    /// Any value of `kinds`, on the number grid of `other`.
    private init(_ kinds: ValueKinds, like other: Constraint) {
        self.init(kinds, numbers: .all(other.numbers.grid))
    }

    /// The union of two constraints whose kinds are disjoint.
    func joined(_ other: Constraint) -> Constraint {
        let mine = kinds.contains(.number) ? numbers : other.numbers
        let elements = kinds.isDisjoint(with: [.list, .object]) ? other.counts : counts
        return Constraint(
            kinds.union(other.kinds), numbers: mine,
            strings: kinds.contains(.string) ? strings : other.strings, counts: elements)
    }
}
