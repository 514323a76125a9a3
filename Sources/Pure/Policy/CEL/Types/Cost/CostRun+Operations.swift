extension CostRun {
    /// What comparing, searching and building take, beside the operands.
    func operationCost(_ operation: CELOperator, _ left: CELTree.ID, _ right: CELTree.ID) -> Int {
        switch operation {
        case .and, .or, .subtract, .multiply, .divide, .modulo: return 0
        case .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual:
            // Unequal sizes end a comparison, so the smaller value bounds it.
            return min(sizes.weight(extents[left]), sizes.weight(extents[right]))
        case .in:
            let needle = sizes.weight(extents[left])
            let isConstant = isConstantList(right)
            let range = extents[right]
            if case .map = range { return needle }
            if isConstant { return needle }
            let comparison = min(needle, sizes.weight(range.element))
            return Bound.product(sizes.items(range), Bound.sum(1, comparison))
        case .add:
            return Bound.sum(sizes.weight(extents[left]), sizes.weight(extents[right]))
        }
    }

    private func isConstantList(_ id: CELTree.ID) -> Bool {
        guard case .list(let elements) = tree[id].kind else { return false }
        return elements.allSatisfy { element in
            if case .literal = tree[element.value].kind { !element.isOptional } else { false }
        }
    }

    func callCost(_ name: String, _ operands: [CELTree.ID]) -> Int {
        if name == "matches", let text = operands.first, let pattern = operands.last {
            // The weights of Kubernetes.
            return Bound.product(
                Bound.pieces(sizes.bytes(extents[text]), of: 10),
                Bound.pieces(sizes.bytes(extents[pattern]), of: 4))
        }
        if name == "size", let operand = operands.first {
            return Bound.pieces(textBytes(extents[operand]), of: 16)
        }
        let read = operands.reduce(0) { Bound.sum($0, sizes.weight(extents[$1])) }
        let built = Bound.pieces(builtBytes(name, operands.map { extents[$0] }), of: 16)
        if name == "intersects" || name == "contains", operands.count == 2,
            case .list = extents[operands[0]]
        {
            // Sets: each element of one list is looked for in the other.
            let pairs = Bound.product(
                sizes.items(extents[operands[0]]), sizes.items(extents[operands[1]]))
            let each = min(
                sizes.weight(extents[operands[0]].element),
                sizes.weight(extents[operands[1]].element))
            return Bound.sum(read, Bound.product(pairs, Bound.sum(1, each)))
        }
        return Bound.sum(read, built)
    }

    func callExtent(_ name: String, _ operands: [CELTree.ID], _ type: CELType) -> CELExtent {
        let given = operands.map { extents[$0] }
        switch type {
        case .string, .bytes: return .text(bytes: textResult(name, given))
        case .list where name == "split":
            let bytes = given.first.map(sizes.bytes) ?? 0
            return .list(items: Bound.sum(bytes, 1), .text(bytes: bytes))
        case .list, .map, .object, .optional, .dyn:
            return given.dropFirst().reduce(given.first ?? .fixed) { $0.joined(with: $1) }
        default: return .fixed
        }
    }

    /// What `format` and its relatives make of their arguments; other functions build no more than
    /// they read.
    private func builtBytes(_ name: String, _ given: [CELExtent]) -> Int {
        ["join", "format", "replace"].contains(name) ? textResult(name, given) : 0
    }

    private func textResult(_ name: String, _ given: [CELExtent]) -> Int {
        let bytes = given.map(sizes.bytes)
        let all = bytes.reduce(0, Bound.sum)
        switch name {
        case "replace" where given.count >= 3:
            // An empty text is found before each character.
            return Bound.sum(bytes[0], Bound.product(Bound.sum(bytes[0], 1), bytes[2]))
        case "join" where given.count == 2:
            return Bound.sum(bytes[0], Bound.product(sizes.items(given[0]), bytes[1]))
        case "format", "quote", "encode": return Bound.sum(Bound.product(all, 2), Self.smallText)
        default: return Bound.sum(all, Self.smallText)
        }
    }

    /// The text of any number, time or address.
    private static let smallText = 64

    private func textBytes(_ extent: CELExtent) -> Int {
        switch extent {
        case .text, .unstated: sizes.bytes(extent)
        case .fixed, .list, .map: 0
        }
    }
}
