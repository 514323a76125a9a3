/// Evaluation of macros over a list or a map, in the order of its elements or entries.
extension CELMachine {
    mutating func run<V: CELVariables>(
        _ plan: CELMacroPlan, _ variables: borrowing V
    ) throws(CELFault) -> CELValue {
        let range = try value(plan.range, variables)
        switch plan.macro {
        case .all: return .bool(!(try isAny(false, plan, range, variables)))
        case .exists: return .bool(try isAny(true, plan, range, variables))
        case .existsOne: return .bool(try countOfTrue(plan, range, variables) == 1)
        case .map, .filter, .transformList:
            return .list(.values(try elements(plan, range, variables)))
        case .transformMap, .transformMapEntry: return try entries(plan, range, variables)
        }
    }

    /// Returns true if the predicate gives `decisive` for any element; faults of other elements are then
    /// ignored, as with `||`.
    private mutating func isAny<V: CELVariables>(
        _ decisive: Bool, _ plan: CELMacroPlan, _ range: CELValue, _ variables: borrowing V
    ) throws(CELFault) -> Bool {
        var pending: CELFault?
        for index in 0..<(try count(range)) {
            try bind(plan, range, index)
            do {
                if try isPicked(plan, variables) == decisive { return true }
            } catch {
                guard error.canBeAbsorbed else { throw error }
                pending = pending ?? error
            }
        }
        if let pending { throw pending }
        return false
    }

    private mutating func countOfTrue<V: CELVariables>(
        _ plan: CELMacroPlan, _ range: CELValue, _ variables: borrowing V
    ) throws(CELFault) -> Int {
        var count = 0
        for index in 0..<(try self.count(range)) {
            try bind(plan, range, index)
            if try isPicked(plan, variables) { count += 1 }
        }
        return count
    }

    private mutating func elements<V: CELVariables>(
        _ plan: CELMacroPlan, _ range: CELValue, _ variables: borrowing V
    ) throws(CELFault) -> [CELValue] {
        var values: [CELValue] = []
        for index in 0..<(try count(range)) {
            try bind(plan, range, index)
            guard try isPicked(plan, variables) else { continue }
            if let result = plan.result {
                values.append(try value(result, variables))
            } else {
                values.append(locals[plan.slot])
            }
        }
        return values
    }

    private mutating func entries<V: CELVariables>(
        _ plan: CELMacroPlan, _ range: CELValue, _ variables: borrowing V
    ) throws(CELFault) -> CELValue {
        var builder = CELMapBuilder(capacity: 0)
        for index in 0..<(try count(range)) {
            try bind(plan, range, index)
            guard try isPicked(plan, variables), let result = plan.result else { continue }
            let value = try value(result, variables)
            if plan.macro == .transformMap {
                // Indices and keys of one range are distinct.
                builder.add(distinct: locals[plan.slot], value)
            } else {
                guard case .map(let map) = value else { throw CELFault(.noSuchOverload) }
                for place in 0..<map.count {
                    try budget.spend()
                    try builder.add(map[place].key, map[place].value)
                }
            }
        }
        return builder.value
    }

    /// Evaluates the condition for the bound element; true if the macro has no condition.
    private mutating func isPicked<V: CELVariables>(
        _ plan: CELMacroPlan, _ variables: borrowing V
    ) throws(CELFault) -> Bool {
        guard let condition = plan.condition else { return true }
        return try truth(condition, variables)
    }

    private func count(_ range: CELValue) throws(CELFault) -> Int {
        switch range {
        case .list(let list): list.count
        case .map(let map): map.count
        default: throw CELFault(.noSuchOverload)
        }
    }

    /// Performs one step of the iteration. A single variable is the element or key; of two, the first is
    /// the index or key and the second the element or value.
    private mutating func bind(
        _ plan: CELMacroPlan, _ range: CELValue, _ index: Int
    ) throws(CELFault) {
        try budget.spend()
        switch range {
        case .list(let list):
            if plan.hasSecond { locals[plan.slot] = .int(Int64(index)) }
            locals[plan.hasSecond ? plan.slot + 1 : plan.slot] = list[index]
        case .map(let map):
            let (key, value) = map[index]
            locals[plan.slot] = key
            if plan.hasSecond { locals[plan.slot + 1] = value }
        default: throw CELFault(.noSuchOverload)
        }
    }
}
