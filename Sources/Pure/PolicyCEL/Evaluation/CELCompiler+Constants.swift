/// Constant folding. A constant expression is evaluated once. If that ends in a fault, the expression is
/// kept, so that the fault occurs when, and only if, evaluation reaches it.
extension CELCompiler {
    mutating func negation(of operand: Int) -> CELInstruction {
        guard let value = constant(at: operand) else { return .negate(operand) }
        return folded { _ throws(CELFault) in try CELArithmetic.negate(value) } ?? .negate(operand)
    }

    mutating func binary(_ operation: CELOperator, _ a: Int, _ b: Int) -> CELInstruction {
        switch operation {
        case .and: .and(a, b)
        case .or: .or(a, b)
        case .equal: .equal(a, b)
        case .notEqual: .notEqual(a, b)
        case .less: .compare(.less, a, b)
        case .lessEqual: .compare(.lessEqual, a, b)
        case .greater: .compare(.greater, a, b)
        case .greaterEqual: .compare(.greaterEqual, a, b)
        case .in: membership(a, b)
        case .add: arithmetic(.add, a, b)
        case .subtract: arithmetic(.subtract, a, b)
        case .multiply: arithmetic(.multiply, a, b)
        case .divide: arithmetic(.divide, a, b)
        case .modulo: arithmetic(.modulo, a, b)
        }
    }

    mutating func list(_ elements: [CELNode.Element]) -> CELInstruction {
        let values = elements.compactMap { $0.isOptional ? nil : constant(at: $0.value) }
        if values.count == elements.count { return constant(.list(.values(values))) }
        tables.lists.append(elements)
        return .list(tables.lists.count - 1)
    }

    mutating func map(_ entries: [CELNode.Entry]) -> CELInstruction {
        let constants = entries.compactMap { entry in
            entry.isOptional
                ? nil
                : constant(at: entry.key).flatMap { key in
                    constant(at: entry.value).map { (key: key, value: $0) }
                }
        }
        if constants.count == entries.count,
            let constant = folded({ _ throws(CELFault) in
                var builder = CELMapBuilder(capacity: constants.count)
                for (key, value) in constants { try builder.add(key, value) }
                return builder.value
            })
        {
            return constant
        }
        tables.maps.append(entries)
        return .map(tables.maps.count - 1)
    }

    /// Returns nil if the evaluation ends in a fault or takes more steps than a whole decision may.
    mutating func folded(
        _ evaluate: (inout CELBudget) throws(CELFault) -> CELValue
    ) -> CELInstruction? {
        var budget = CELBudget()
        return (try? evaluate(&budget)).map { constant($0) }
    }

    private mutating func arithmetic(
        _ operation: CELArithmetic, _ a: Int, _ b: Int
    ) -> CELInstruction {
        if let left = constant(at: a), let right = constant(at: b),
            let constant = folded({ budget throws(CELFault) in
                try operation.apply(left, right, &budget)
            })
        {
            return constant
        }
        return .arithmetic(operation, a, b)
    }

    private mutating func membership(_ a: Int, _ b: Int) -> CELInstruction {
        guard case .list(let list)? = constant(at: b) else { return .isIn(a, b) }
        tables.sets.append(CELConstantSet(list))
        return .isInSet(a, set: tables.sets.count - 1)
    }
}
