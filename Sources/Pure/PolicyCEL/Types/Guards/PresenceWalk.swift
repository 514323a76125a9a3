import InterlockJSON

/// Finds reads of fields that may be absent and that no `has()` ensures. A `has()` on either side of `&&`
/// and `||` counts, in either order, because the side that decides absorbs an error.
struct PresenceWalk {
    private let tree: CELTree
    private let resolution: CELResolution
    private let types: CELTypes
    private var found: [CELGuardReview.OptionalRead] = []
    private var waiting: [(node: CELTree.ID, present: Set<String>)] = []

    static func optionalReads(
        _ tree: CELTree, _ resolution: CELResolution, _ types: CELTypes
    ) -> [CELGuardReview.OptionalRead] {
        var walk = PresenceWalk(tree: tree, resolution: resolution, types: types)
        walk.waiting = [(tree.root, [])]
        while let (id, present) = walk.waiting.popLast() { walk.visit(id, present) }
        return walk.found.sorted { $0.offset < $1.offset }
    }

    private init(tree: CELTree, resolution: CELResolution, types: CELTypes) {
        self.tree = tree
        self.resolution = resolution
        self.types = types
    }

    private mutating func visit(_ id: CELTree.ID, _ present: Set<String>) {
        let kind = tree[id].kind
        if resolution.references[id] != nil, case .select = kind { return }
        if let path = optionalPath(id), !present.contains(path) {
            found.append(.init(offset: tree[id].offset, path: path))
        }
        switch kind {
        case .binary(.and, let left, let right):
            waiting.append((left, present.union(shown(by: right, being: true))))
            waiting.append((right, present.union(shown(by: left, being: true))))
        case .binary(.or, let left, let right):
            waiting.append((left, present.union(shown(by: right, being: false))))
            waiting.append((right, present.union(shown(by: left, being: false))))
        case .conditional(let condition, let then, let otherwise):
            waiting.append((condition, present))
            waiting.append((then, present.union(shown(by: condition, being: true))))
            waiting.append((otherwise, present.union(shown(by: condition, being: false))))
        default: for part in kind.children { waiting.append((part, present)) }
        }
    }

    /// The paths that are present if the condition has this outcome. The recursion is as deep as the text,
    /// which is limited.
    private func shown(by id: CELTree.ID, being outcome: Bool) -> Set<String> {
        switch tree[id].kind {
        case .not(let operand): return shown(by: operand, being: !outcome)
        case .binary(.and, let left, let right) where outcome,
            .binary(.or, let left, let right) where !outcome:
            return shown(by: left, being: outcome).union(shown(by: right, being: outcome))
        case .has(let operand, let field) where outcome:
            return path(operand).map { prefixes(of: $0 + [field]) } ?? []
        case .binary(.in, let key, let operand) where outcome:
            guard case .literal(.string(let field)) = tree[key].kind else { return [] }
            return path(operand).map { prefixes(of: $0 + [field]) } ?? []
        default: return []
        }
    }

    private func prefixes(of path: [String]) -> Set<String> {
        Set(path.indices.map { path[...$0].joined(separator: ".") })
    }

    /// The path of the node if it reads a field of a schema that may be absent, otherwise nil.
    private func optionalPath(_ id: CELTree.ID) -> String? {
        guard let (operand, field) = read(id) else { return nil }
        let isOptional = types[operand].kinds.contains { kind in
            guard case .object(let object) = kind else { return false }
            return object.field(named: field)?.isRequired != true
        }
        guard isOptional else { return nil }
        return path(id)?.joined(separator: ".") ?? field
    }

    private func path(_ id: CELTree.ID) -> [String]? {
        var fields: [String] = []
        var id = id
        while let (operand, field) = read(id) {
            fields.append(field)
            id = operand
        }
        guard case .name(let name, _) = tree[id].kind else { return nil }
        return [name] + fields.reversed()
    }

    private func read(_ id: CELTree.ID) -> (operand: CELTree.ID, field: String)? {
        switch tree[id].kind {
        case .select(let operand, let field): return (operand, field)
        case .index(let operand, let key):
            guard case .literal(.string(let field)) = tree[key].kind else { return nil }
            return (operand, field)
        default: return nil
        }
    }
}
