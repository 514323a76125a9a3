/// Evaluation of instructions that give a bool, without wrapping it in a value.
extension CELMachine {
    /// - Throws: `no_such_overload` if the value is not a bool.
    mutating func truth<V: CELVariables>(
        _ place: Int, _ variables: borrowing V
    ) throws(CELFault) -> Bool {
        switch program.code[place] {
        case .not(let operand):
            try budget.spend()
            return try !truth(operand, variables)
        case .and(let a, let b):
            try budget.spend()
            return try !isDecided(by: false, a, b, variables)
        case .or(let a, let b):
            try budget.spend()
            return try isDecided(by: true, a, b, variables)
        case .equal(let a, let b): return try areEqual(a, b, variables)
        case .notEqual(let a, let b): return try !areEqual(a, b, variables)
        case .compare(let comparison, let a, let b):
            try budget.spend()
            let a = try value(a, variables)
            return try comparison.holds(a, try value(b, variables), &budget)
        case .isIn(let a, let b):
            try budget.spend()
            let a = try value(a, variables)
            return try contains(try value(b, variables), a)
        case .isInSet(let a, let set):
            try budget.spend(2)
            let a = try value(a, variables)
            return try program.tables.sets[set].contains(a, &budget)
        case .hasVariable(let slot):
            try budget.spend()
            return variables.value(of: slot) != nil
        case .hasField(let base, let name):
            try budget.spend()
            return try has(try value(base, variables), program.tables.names[name])
        default: return try value(place, variables).bool()
        }
    }

    /// Returns true if one operand has the value that decides `||` (true) or `&&` (false), regardless of
    /// the other operand.
    private mutating func isDecided<V: CELVariables>(
        by decisive: Bool, _ a: Int, _ b: Int, _ variables: borrowing V
    ) throws(CELFault) -> Bool {
        var pending: CELFault?
        do {
            if try truth(a, variables) == decisive { return true }
        } catch {
            guard error.canBeAbsorbed else { throw error }
            pending = error
        }
        if try truth(b, variables) == decisive { return true }
        if let pending { throw pending }
        return false
    }

    private mutating func areEqual<V: CELVariables>(
        _ a: Int, _ b: Int, _ variables: borrowing V
    ) throws(CELFault) -> Bool {
        try budget.spend()
        let a = try value(a, variables)
        return try CELValue.equals(a, try value(b, variables), budget: &budget)
    }

    private mutating func contains(
        _ container: CELValue, _ value: CELValue
    ) throws(CELFault) -> Bool {
        switch container {
        case .list(let list):
            for index in 0..<list.count {
                try budget.spend()
                if try CELValue.equals(list[index], value, budget: &budget) { return true }
            }
            return false
        case .map(let map): return try map.value(for: value, &budget) != nil
        default: throw CELFault(.noSuchOverload)
        }
    }
}

extension CELFault {
    /// True if `&&`, `||`, `all` and `exists` may ignore the fault. Limits on the cost of an evaluation do
    /// not depend on its values and are never ignored.
    package var canBeAbsorbed: Bool { kind != .budget && kind != .depth }
}
