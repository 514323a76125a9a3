import InterlockModel

/// Finds the type of each part of an expression, and reports what is invalid: names and functions that are
/// not declared, fields that a schema does not have, operations that do not accept their operands.
package enum CELChecker {
    package static func check(
        _ tree: CELTree, _ resolution: CELResolution, in environment: CELEnvironment
    ) throws(CELProblems) -> CELTypes {
        var run = CheckRun(tree, resolution, environment)
        for step in CELWalk.steps(of: tree, resolution) {
            switch step {
            case .declare(let id): run.declare(id)
            case .visit(let id): run.types[id] = run.type(of: id)
            }
            if run.isTooIntricate(after: step) { throw tooIntricate(tree) }
        }
        guard run.problems.isEmpty else {
            throw CELProblems(run.problems.sorted { $0.offset < $1.offset })
        }
        let types = run.finished()
        if run.substitution.isExhausted { throw tooIntricate(tree) }
        return types
    }

    private static func tooIntricate(_ tree: CELTree) -> CELProblems {
        let offset = tree[tree.root].offset
        return CELProblems([CELProblem(.tooLarge, at: offset, "the types are too intricate")])
    }
}

/// One check, in the order in which the expression is evaluated. A part with a problem is dyn, so that one
/// mistake gives one problem.
struct CheckRun {
    /// The maximum number of types in one type. A text may double a type at each binding
    /// (`cel.bind(b, {a: a}, ...)`); a larger type is rejected.
    static let mostTypeParts = 512

    let tree: CELTree
    let resolution: CELResolution
    let environment: CELEnvironment
    var types: [CELType]
    var locals: [CELType]
    var substitution = CELSubstitution()
    var problems: [CELProblem] = []

    init(_ tree: CELTree, _ resolution: CELResolution, _ environment: CELEnvironment) {
        self.tree = tree
        self.resolution = resolution
        self.environment = environment
        types = Array(repeating: .dyn, count: tree.nodes.count)
        locals = Array(repeating: .dyn, count: resolution.localCount)
    }

    mutating func finished() -> CELTypes {
        var final: [CELType] = []
        for type in types { final.append(substitution.applied(to: type, unknown: .dyn)) }
        return CELTypes(final, result: final.indices.contains(tree.root) ? final[tree.root] : .dyn)
    }

    func isTooIntricate(after step: CELWalk.Step) -> Bool {
        guard case .visit(let id) = step else { return substitution.isExhausted }
        return substitution.isExhausted || types[id].isLarger(than: Self.mostTypeParts)
    }

    mutating func type(of id: CELTree.ID) -> CELType {
        switch tree[id].kind {
        case .literal(let value): value.staticType
        case .name: reference(id)
        case .select(let operand, let field):
            resolution.references[id] == nil
                ? self.field(field, of: operand, at: id) : reference(id)
        case .optionalSelect(let operand, let field): optionalField(field, of: operand, at: id)
        case .has(let operand, let field): has(field, of: operand, at: id)
        case .index(let operand, let key): element(of: operand, at: key, isOptional: false, id)
        case .optionalIndex(let operand, let key):
            element(of: operand, at: key, isOptional: true, id)
        case .not(let operand): apply(CELOperators.not, "!", to: [operand], id)
        case .negate(let operand): negation(operand, id)
        case .binary(let operation, let left, let right): binary(operation, left, right, id)
        case .conditional(let condition, let then, let otherwise):
            apply(CELOperators.conditional, "? :", to: [condition, then, otherwise], id)
        case .call(let name, let target, let arguments, _): call(name, target, arguments, id)
        case .list(let elements): list(elements)
        case .map(let entries): map(entries)
        case .message(let name):
            refused(.undeclared, id, "`\(name)` is no type that can be made with fields")
        case .comprehension(let macro): comprehension(macro)
        case .bind(_, _, let body): types[body]
        case .optionalMap(_, _, let body, let isFlat): optionalMap(body, isFlat: isFlat, id)
        }
    }

    mutating func refused(
        _ kind: CELProblem.Kind, _ id: CELTree.ID, _ message: String, help: String? = nil
    ) -> CELType {
        problems.append(CELProblem(kind, at: tree[id].offset, message, help: help))
        return .dyn
    }

    /// The type as far as it is known so far.
    mutating func known(_ id: CELTree.ID) -> CELType { substitution.applied(to: types[id]) }

    /// The type in the form of messages.
    mutating func text(_ id: CELTree.ID) -> String {
        substitution.applied(to: types[id], unknown: .dyn).text
    }
}

extension CELValue {
    fileprivate var staticType: CELType {
        switch self {
        case .null: .null
        case .bool: .bool
        case .int: .int
        case .uint: .uint
        case .double: .double
        case .string: .string
        case .bytes: .bytes
        case .list: .list(.dyn)
        case .map: .map(.dyn, .dyn)
        case .type: .type(.dyn)
        case .duration: .duration
        case .timestamp: .timestamp
        case .optional: .optional(.dyn)
        case .ip: .ip
        case .cidr: .cidr
        }
    }
}
