extension CELNode.Kind {
    /// The child nodes, in the order of the text.
    package var children: [CELTree.ID] {
        switch self {
        case .literal, .name, .message: []
        case .select(let operand, _), .optionalSelect(let operand, _), .has(let operand, _),
            .not(let operand), .negate(let operand):
            [operand]
        case .index(let a, let b), .optionalIndex(let a, let b), .binary(_, let a, let b): [a, b]
        case .conditional(let condition, let then, let otherwise): [condition, then, otherwise]
        case .call(_, let target, let arguments, _): (target.map { [$0] } ?? []) + arguments
        case .list(let elements): elements.map(\.value)
        case .map(let entries): entries.flatMap { [$0.key, $0.value] }
        case .comprehension(let macro):
            [macro.range] + [macro.condition, macro.result].compactMap(\.self)
        case .bind(_, let value, let body): [value, body]
        case .optionalMap(let target, _, let body, _): [target, body]
        }
    }
}
