import InterlockModel

/// Compiles a tree to instructions, one for each node at the node's own number. Children precede their
/// parents, so one pass without recursion is enough.
struct CELCompiler {
    private(set) var code: [CELInstruction] = []
    var tables = CELTables()

    let tree: CELTree
    private let resolution: CELResolution
    let environment: CELEnvironment
    /// The nesting depth of evaluation at each node.
    private var depths: [Int] = []

    init(_ tree: CELTree, _ resolution: CELResolution, _ environment: CELEnvironment) {
        self.tree = tree
        self.resolution = resolution
        self.environment = environment
        code.reserveCapacity(tree.nodes.count)
    }

    mutating func compile() throws(CELProblem) {
        for (id, node) in tree.nodes.enumerated() {
            let depth = 1 + (node.kind.children.map { depths[$0] }.max() ?? 0)
            guard depth <= CELProgram.maximumDepth else {
                throw CELProblem(
                    .tooLarge, at: node.offset,
                    "nested more than \(CELProgram.maximumDepth) levels deep")
            }
            depths.append(depth)
            code.append(try instruction(for: id, node))
        }
    }

    private mutating func instruction(
        for id: CELTree.ID, _ node: CELNode
    ) throws(CELProblem) -> CELInstruction {
        switch node.kind {
        case .literal(let value): return constant(value)
        case .name(let name, _): return reference(id) ?? fault(.undeclared, name)
        case .select(let base, let field):
            if let reference = reference(id) { return reference }
            if case .variable(let slot) = code[base] {
                return .variableField(slot: slot, name: name(field))
            }
            return .field(of: base, name: name(field))
        case .optionalSelect(let base, let field):
            if case .variable(let slot)? = resolution.references[id] {
                return .optionalVariable(slot: slot)
            }
            return .optionalField(of: base, name: name(field))
        case .has(let base, let field):
            if case .variable(let slot)? = resolution.references[id] {
                return .hasVariable(slot: slot)
            }
            return .hasField(of: base, name: name(field))
        case .index(let base, let index): return .element(of: base, at: index)
        case .optionalIndex(let base, let index): return .optionalElement(of: base, at: index)
        case .not(let operand): return .not(operand)
        case .negate(let operand): return negation(of: operand)
        case .binary(let operation, let a, let b): return binary(operation, a, b)
        case .conditional(let condition, let then, let otherwise):
            return .conditional(condition, then: then, otherwise: otherwise)
        case .call(let name, let target, let arguments, _):
            return try call(name, resolution.references[id], target, arguments)
        case .list(let elements): return list(elements)
        case .map(let entries): return map(entries)
        case .message(let name):
            throw CELProblem(.undeclared, at: node.offset, "no message type `\(name)`")
        case .comprehension(let macro): return .macro(try plan(id, macro))
        case .bind(_, let value, let body):
            return .bind(slot: try slot(id), value: value, body: body)
        case .optionalMap(let target, _, let body, let isFlat):
            let slot = try slot(id)
            return isFlat
                ? .optionalFlatMap(target, slot: slot, body: body)
                : .optionalMap(target, slot: slot, body: body)
        }
    }

    /// The instruction for a resolved name, or nil for an unknown name and for a selection that is only a
    /// field access.
    private mutating func reference(_ id: CELTree.ID) -> CELInstruction? {
        switch resolution.references[id] {
        case .variable(let slot): .variable(slot: slot)
        case .local(let slot): .local(slot: slot)
        case .type(let name): constant(.type(name))
        case .function, .qualifiedFunction, nil: nil
        }
    }

    private mutating func plan(
        _ id: CELTree.ID, _ macro: CELNode.Comprehension
    ) throws(CELProblem) -> Int {
        tables.macros.append(
            CELMacroPlan(
                macro: macro.macro, range: macro.range, slot: try slot(id),
                hasSecond: macro.second != nil, condition: macro.condition, result: macro.result))
        return tables.macros.count - 1
    }

    private func slot(_ id: CELTree.ID) throws(CELProblem) -> Int {
        guard let slot = resolution.frames[id] else {
            throw CELProblem(
                .undeclared, at: tree[id].offset, "the variables of this macro were not resolved")
        }
        return slot
    }

    private mutating func name(_ field: String) -> Int {
        tables.names.append(field)
        return tables.names.count - 1
    }

    mutating func constant(_ value: CELValue) -> CELInstruction {
        tables.constants.append(value)
        return .constant(tables.constants.count - 1)
    }

    mutating func fault(_ kind: CELFault.Kind, _ subject: String) -> CELInstruction {
        tables.faults.append(CELFault(kind, subject))
        return .fault(tables.faults.count - 1)
    }

    /// The value of a constant instruction, or nil for any other instruction.
    func constant(at place: Int) -> CELValue? {
        if case .constant(let constant) = code[place] { tables.constants[constant] } else { nil }
    }
}
