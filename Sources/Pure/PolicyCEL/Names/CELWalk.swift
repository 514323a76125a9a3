/// The order in which an expression is evaluated: the parts of a node precede the node, and a step that
/// declares the variables of a macro or binding precedes its body. It is computed without recursion.
enum CELWalk {
    enum Step {
        /// The variables of this macro or binding become known; its range, value or target is visited.
        case declare(CELTree.ID)
        case visit(CELTree.ID)
    }

    /// The steps of a tree. Nodes that are parts of a resolved name or namespace have no step of their own.
    static func steps(of tree: CELTree, _ resolution: CELResolution) -> [Step] {
        enum Task {
            case open(CELTree.ID)
            case emit(Step)
        }
        guard tree.nodes.indices.contains(tree.root) else { return [] }
        var steps: [Step] = []
        var tasks: [Task] = [.open(tree.root)]
        while let task = tasks.popLast() {
            guard case .open(let id) = task else {
                if case .emit(let step) = task { steps.append(step) }
                continue
            }
            tasks.append(.emit(.visit(id)))
            let kind = tree[id].kind
            switch (kind, resolution.references[id]) {
            case (.select, .some), (.has, .some), (.optionalSelect, .some): break
            case (.call(_, _, let arguments, _), .qualifiedFunction):
                for part in arguments.reversed() { tasks.append(.open(part)) }
            case (.comprehension, _), (.bind, _), (.optionalMap, _):
                for part in kind.children.dropFirst().reversed() { tasks.append(.open(part)) }
                tasks.append(.emit(.declare(id)))
                if let first = kind.children.first { tasks.append(.open(first)) }
            default:
                for part in kind.children.reversed() { tasks.append(.open(part)) }
            }
        }
        return steps
    }
}
