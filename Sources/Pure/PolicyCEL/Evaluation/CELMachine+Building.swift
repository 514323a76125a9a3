/// Evaluation of lists, maps, calls and mapped optionals.
extension CELMachine {
    mutating func list<V: CELVariables>(
        _ elements: [CELNode.Element], _ variables: borrowing V
    ) throws(CELFault) -> CELValue {
        var values: [CELValue] = []
        values.reserveCapacity(elements.count)
        for element in elements {
            let value = try value(element.value, variables)
            if element.isOptional {
                if let value = try content(value) { values.append(value) }
            } else {
                values.append(value)
            }
        }
        return .list(.values(values))
    }

    mutating func map<V: CELVariables>(
        _ entries: [CELNode.Entry], _ variables: borrowing V
    ) throws(CELFault) -> CELValue {
        var builder = CELMapBuilder(capacity: entries.count)
        for entry in entries {
            let key = try value(entry.key, variables)
            let value = try value(entry.value, variables)
            if entry.isOptional {
                if let value = try content(value) { try builder.add(key, value) }
            } else {
                try builder.add(key, value)
            }
        }
        return builder.value
    }

    mutating func optionalMap<V: CELVariables>(
        _ target: Int, _ slot: Int, _ body: Int, isFlat: Bool, _ variables: borrowing V
    ) throws(CELFault) -> CELValue {
        let target = try value(target, variables)
        guard let content = try content(target) else { return target }
        locals[slot] = content
        let result = try value(body, variables)
        guard isFlat else { return .optional(CELOptional(result)) }
        guard case .optional = result else { throw CELFault(.noSuchOverload, "optFlatMap") }
        return result
    }

    mutating func call<V: CELVariables>(
        _ instruction: CELInstruction, _ variables: borrowing V
    ) throws(CELFault) -> CELValue {
        let tables = program.tables
        switch instruction {
        case .callOfOne(let function, let a):
            guard let body = tables.functions[function].unary else { break }
            return try body(try value(a, variables), &budget)
        case .callOfTwo(let function, let a, let b):
            guard let body = tables.functions[function].binary else { break }
            let a = try value(a, variables)
            return try body(a, try value(b, variables), &budget)
        case .alternative(let function, let a, let b):
            guard let body = tables.functions[function].binary else { break }
            let a = try value(a, variables)
            // If the first operand has a value, the second is not evaluated, and any value can take its
            // place.
            if case .optional(let first) = a, first.value != nil { return try body(a, a, &budget) }
            return try body(a, try value(b, variables), &budget)
        case .matches(let function, let a, let pattern):
            guard let body = tables.functions[function].ofPattern else { break }
            // The pattern counts as a node too.
            try budget.spend()
            return try body(try value(a, variables), tables.patterns[pattern], &budget)
        case .inZone(let function, let a, let zone):
            guard let body = tables.functions[function].ofZone else { break }
            try budget.spend()
            return try body(try value(a, variables), tables.zones[zone])
        case .call(let function, let operands):
            var arguments: [CELValue] = []
            for operand in tables.operands[operands] {
                arguments.append(try value(operand, variables))
            }
            return try tables.functions[function].body(arguments, &budget)
        default: break
        }
        throw CELFault(.noSuchOverload)
    }

    /// The content of an optional, or nil if it is empty.
    private func content(_ value: CELValue) throws(CELFault) -> CELValue? {
        guard case .optional(let optional) = value else { throw CELFault(.noSuchOverload) }
        return optional.value
    }
}
