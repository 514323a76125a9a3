/// One evaluation, which follows the instructions from the root. Recursion is as deep as the program, which
/// `CELProgram.maximumDepth` bounds.
struct CELMachine {
    let program: CELProgram
    var budget: CELBudget
    /// The variables of macros and bindings, by slot.
    var locals: [CELValue]

    init(_ program: CELProgram, _ budget: CELBudget) {
        self.program = program
        self.budget = budget
        locals =
            program.localCount == 0 ? [] : [CELValue](repeating: .null, count: program.localCount)
    }

    mutating func value<V: CELVariables>(
        _ place: Int, _ variables: borrowing V
    ) throws(CELFault) -> CELValue {
        let instruction = program.code[place]
        switch instruction {
        case .not, .and, .or, .equal, .notEqual, .compare, .isIn, .isInSet, .hasVariable, .hasField:
            return .bool(try truth(place, variables))
        default: break
        }
        try budget.spend()
        switch instruction {
        case .constant(let constant): return program.tables.constants[constant]
        case .fault(let fault): throw program.tables.faults[fault]
        case .variable(let slot): return try variable(slot, variables)
        case .local(let slot): return locals[slot]
        case .variableField(let slot, let name):
            try budget.spend()
            return try field(of: try variable(slot, variables), program.tables.names[name])
        case .field(let base, let name):
            return try field(of: try value(base, variables), program.tables.names[name])
        case .optionalField(let base, let name):
            return try optionalField(of: try value(base, variables), program.tables.names[name])
        case .optionalVariable(let slot): return .optional(CELOptional(variables.value(of: slot)))
        case .element(let base, let index):
            let base = try value(base, variables)
            return try element(of: base, at: try value(index, variables))
        case .optionalElement(let base, let index):
            let base = try value(base, variables)
            return try optionalElement(of: base, at: try value(index, variables))
        case .negate(let operand): return try CELArithmetic.negate(try value(operand, variables))
        case .arithmetic(let operation, let a, let b):
            let a = try value(a, variables)
            return try operation.apply(a, try value(b, variables), &budget)
        case .conditional(let condition, let then, let otherwise):
            let isTrue = try truth(condition, variables)
            return try value(isTrue ? then : otherwise, variables)
        case .callOfOne, .callOfTwo, .alternative, .call, .matches, .inZone:
            return try call(instruction, variables)
        case .list(let list): return try self.list(program.tables.lists[list], variables)
        case .map(let map): return try self.map(program.tables.maps[map], variables)
        case .macro(let macro): return try run(program.tables.macros[macro], variables)
        case .bind(let slot, let value, let body):
            locals[slot] = try self.value(value, variables)
            return try self.value(body, variables)
        case .optionalMap(let target, let slot, let body):
            return try optionalMap(target, slot, body, isFlat: false, variables)
        case .optionalFlatMap(let target, let slot, let body):
            return try optionalMap(target, slot, body, isFlat: true, variables)
        case .not, .and, .or, .equal, .notEqual, .compare, .isIn, .isInSet, .hasVariable, .hasField:
            return .bool(try truth(place, variables))
        }
    }

    func variable<V: CELVariables>(
        _ slot: Int, _ variables: borrowing V
    ) throws(CELFault) -> CELValue {
        guard let value = variables.value(of: slot) else { throw CELFault(.undeclared) }
        return value
    }
}
