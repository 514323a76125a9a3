extension CostRun {
    /// The steps of comparing, searching and building, without those of the operands.
    func operationCost(_ operation: CELOperator, _ left: CELTree.ID, _ right: CELTree.ID) -> Int {
        switch operation {
        case .and, .or, .subtract, .multiply, .divide, .modulo: 0
        case .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual:
            sizes.comparison(extents[left], extents[right])
        case .in: membershipCost(left, right)
        case .add: Bound.sum(sizes.weight(extents[left]), sizes.weight(extents[right]))
        }
    }

    private func membershipCost(_ left: CELTree.ID, _ right: CELTree.ID) -> Int {
        let needle = extents[left]
        let range = extents[right]
        if case .map = range { return sizes.lookup(in: range, keyBytes: sizes.bytes(needle)) }
        if case .list(let elements) = tree[right].kind {
            // The elements of a literal list are bounded one by one.
            return elements.reduce(sizes.weight(needle)) { sum, element in
                Bound.sum(sum, sizes.comparison(needle, extents[element.value]) + 1)
            }
        }
        return Bound.product(
            sizes.items(range), Bound.sum(1, sizes.comparison(needle, range.element)))
    }

    /// The steps of finding a field by its name or key.
    func lookupCost(_ id: CELTree.ID) -> Int {
        switch tree[id].kind {
        case .select(let operand, let field), .optionalSelect(let operand, let field),
            .has(let operand, let field):
            sizes.lookup(in: extents[operand], keyBytes: field.utf8.count)
        case .index(let operand, let key), .optionalIndex(let operand, let key):
            sizes.lookup(in: extents[operand], keyBytes: sizes.bytes(extents[key]))
        default: 0
        }
    }

    func callCost(_ name: String, _ operands: [CELTree.ID]) -> Int {
        let given = operands.map { extents[$0] }
        if name == "matches", let text = given.first, let pattern = given.last {
            // These are the weights of Kubernetes.
            return Bound.product(
                Bound.pieces(sizes.bytes(text), of: 10), Bound.pieces(sizes.bytes(pattern), of: 4))
        }
        if name == "size", let operand = given.first {
            return Bound.pieces(textBytes(operand), of: 16)
        }
        // The minimum counts each argument, and the text of a number or a time.
        let least = operands.count + Bound.pieces(Self.smallText, of: 16)
        let read = given.reduce(least) { Bound.sum($0, sizes.weight($1)) }
        return Bound.sum(read, buildingCost(name, given))
    }

    /// The steps that some functions take in addition to reading their arguments.
    private func buildingCost(_ name: String, _ given: [CELExtent]) -> Int {
        switch name {
        case "join", "format", "replace", "quote", "encode":
            Bound.pieces(textResult(name, given), of: 16)
        case "split": given.first.map(sizes.bytes) ?? 0
        case "intersects", "contains": pairsCost(given)
        default: 0
        }
    }

    /// The steps of set functions, which look for each element of one list in the other.
    private func pairsCost(_ given: [CELExtent]) -> Int {
        guard given.count == 2, case .list = given[0], case .list = given[1] else { return 0 }
        let pairs = Bound.product(sizes.items(given[0]), sizes.items(given[1]))
        let each = sizes.comparison(given[0].element, given[1].element)
        return Bound.product(pairs, Bound.sum(1, each))
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

    private func textResult(_ name: String, _ given: [CELExtent]) -> Int {
        let bytes = given.map(sizes.bytes)
        let all = bytes.reduce(0, Bound.sum)
        switch name {
        case "replace" where given.count >= 3:
            // An empty text occurs before each character.
            return Bound.sum(bytes[0], Bound.product(Bound.sum(bytes[0], 1), bytes[2]))
        case "join" where given.count == 2:
            return Bound.sum(bytes[0], Bound.product(sizes.items(given[0]), bytes[1]))
        case "format", "quote", "encode": return Bound.sum(Bound.product(all, 2), Self.smallText)
        default: return Bound.sum(all, Self.smallText)
        }
    }

    /// The maximum length of the text of a number, time or address, in bytes.
    private static let smallText = 64

    private func textBytes(_ extent: CELExtent) -> Int {
        switch extent {
        case .text, .unstated: sizes.bytes(extent)
        case .fixed, .list, .map: 0
        }
    }
}
