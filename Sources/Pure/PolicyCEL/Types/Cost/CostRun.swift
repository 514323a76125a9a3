/// One pass over an expression in the order of evaluation, computing the steps and size of each part.
struct CostRun {
    let tree: CELTree
    let resolution: CELResolution
    let types: CELTypes
    let environment: CELEnvironment
    let sizes: SizeAssumption
    /// The steps of each node with all its parts.
    var costs: [Int]
    /// The sizes of the nodes' values.
    var extents: [CELExtent]
    private var locals: [CELExtent]

    init(
        _ tree: CELTree, _ resolution: CELResolution, _ types: CELTypes,
        _ environment: CELEnvironment, _ sizes: SizeAssumption
    ) {
        self.tree = tree
        self.resolution = resolution
        self.types = types
        self.environment = environment
        self.sizes = sizes
        costs = Array(repeating: 0, count: tree.nodes.count)
        extents = Array(repeating: .unstated, count: tree.nodes.count)
        locals = Array(repeating: .unstated, count: resolution.localCount)
    }

    mutating func bound(_ steps: [CELWalk.Step]) -> Int {
        for step in steps {
            switch step {
            case .declare(let id): declare(id)
            case .visit(let id):
                extents[id] = extent(id).fitted(to: types[id])
                costs[id] = Bound.sum(1, cost(id))
            }
        }
        return costs.indices.contains(tree.root) ? costs[tree.root] : 0
    }

    private mutating func declare(_ id: CELTree.ID) {
        guard let slot = resolution.frames[id] else { return }
        switch tree[id].kind {
        case .comprehension(let macro):
            let range = extents[macro.range]
            let isMap = if case .list = range { false } else { true }
            // The keys of a map are strings of no stated size; the indices of a list are numbers.
            let key: CELExtent = isMap ? .unstated : .fixed
            locals[slot] = macro.second == nil && !isMap ? range.element : key
            if macro.second != nil { locals[slot + 1] = range.element }
        case .bind(_, let value, _): locals[slot] = extents[value]
        case .optionalMap(let target, _, _, _): locals[slot] = extents[target]
        default: break
        }
    }

    /// The steps of a node with its parts, without the step of the node itself.
    private func cost(_ id: CELTree.ID) -> Int {
        let kind = tree[id].kind
        if resolution.references[id] != nil {
            guard case .call(let name, let target, let arguments, _) = kind else { return 0 }
            let isMember = if case .function = resolution.references[id] { true } else { false }
            let operands = (isMember ? target.map { [$0] } ?? [] : []) + arguments
            return Bound.sum(total(operands), callCost(name, operands))
        }
        switch kind {
        case .conditional(let condition, let then, let otherwise):
            return Bound.sum(costs[condition], max(costs[then], costs[otherwise]))
        case .binary(let operation, let left, let right):
            return Bound.sum(total([left, right]), operationCost(operation, left, right))
        case .comprehension(let macro):
            let body = total([macro.condition, macro.result].compactMap(\.self))
            let rounds = sizes.items(extents[macro.range])
            let entries =
                macro.macro == .transformMapEntry
                ? macro.result.map { sizes.items(extents[$0]) } ?? 0 : 0
            let round = Bound.sum(1, Bound.sum(body, entries))
            return Bound.sum(costs[macro.range], Bound.product(rounds, round))
        default: return Bound.sum(total(kind.children), lookupCost(id))
        }
    }

    private func total(_ parts: [CELTree.ID]) -> Int {
        parts.reduce(0) { Bound.sum($0, costs[$1]) }
    }

    private func extent(_ id: CELTree.ID) -> CELExtent {
        switch resolution.references[id] {
        case .variable(let slot): return environment.variables[slot].extent
        case .local(let slot): return locals[slot]
        case .type: return .text(bytes: CELTypeName.longestName)
        case .function, .qualifiedFunction, nil: break
        }
        switch tree[id].kind {
        case .literal(.string(let text)): return .text(bytes: text.utf8.count)
        case .literal(.bytes(let bytes)): return .text(bytes: bytes.count)
        case .literal, .not, .negate, .has: return .fixed
        case .select(let operand, let field), .optionalSelect(let operand, let field):
            return extents[operand].field(field)
        case .index(let operand, let key), .optionalIndex(let operand, let key):
            guard case .literal(.string(let field)) = tree[key].kind else {
                return extents[operand].element
            }
            return extents[operand].field(field)
        case .binary(.add, let left, let right): return sum(extents[left], extents[right])
        case .binary: return .fixed
        case .conditional(_, let then, let otherwise):
            return extents[then].joined(with: extents[otherwise])
        case .call(let name, let target, let arguments, _):
            return callExtent(name, (target.map { [$0] } ?? []) + arguments, types[id])
        case .list(let elements): return .list(items: elements.count, joined(elements.map(\.value)))
        case .map(let entries):
            return .map(
                items: entries.count, fields: [:],
                others: joined(entries.flatMap { [$0.key, $0.value] }))
        case .comprehension(let macro): return extent(of: macro)
        case .bind(_, _, let body), .optionalMap(_, _, let body, _): return extents[body]
        case .name, .message: return .unstated
        }
    }

    private func extent(of macro: CELNode.Comprehension) -> CELExtent {
        let range = extents[macro.range]
        let items = sizes.items(range)
        switch macro.macro {
        case .all, .exists, .existsOne: return .fixed
        case .filter:
            let isList = if case .list = range { true } else { false }
            return .list(items: items, isList ? range.element : .unstated)
        case .map, .transformList: return .list(items: items, joined([macro.result]))
        case .transformMap, .transformMapEntry:
            return .map(items: items, fields: [:], others: joined([macro.result]))
        }
    }

    private func joined(_ parts: [CELTree.ID?]) -> CELExtent {
        parts.compactMap(\.self).map { extents[$0] }.reduce(.fixed) { $0.joined(with: $1) }
    }

    private func sum(_ a: CELExtent, _ b: CELExtent) -> CELExtent {
        switch (a, b) {
        case (.fixed, .fixed): .fixed
        case (.list(_, let element), .list(_, let other)):
            .list(items: Bound.sum(sizes.items(a), sizes.items(b)), element.joined(with: other))
        case (.text, .text): .text(bytes: Bound.sum(sizes.bytes(a), sizes.bytes(b)))
        default: .unstated
        }
    }
}

extension CELExtent {
    /// The extent that the type implies if nothing else states it: numbers have no size.
    func fitted(to type: CELType) -> CELExtent {
        switch (type, self) {
        case (.bool, _), (.int, _), (.uint, _), (.double, _), (.null, _), (.duration, _),
            (.timestamp, _), (.ip, _), (.cidr, _):
            .fixed
        case (.type, _): .text(bytes: CELTypeName.longestName)
        case (.string, .text), (.bytes, .text), (.list, .list), (.map, .map), (.object, .map): self
        case (.string, _), (.bytes, _): .text(bytes: nil)
        case (.list(let element), _): .list(items: nil, CELExtent.unstated.fitted(to: element))
        case (.map(_, let value), _):
            .map(items: nil, fields: [:], others: CELExtent.unstated.fitted(to: value))
        case (.union(let kinds), .unstated) where kinds.allSatisfy(\.isNumeric): .fixed
        default: self
        }
    }
}
