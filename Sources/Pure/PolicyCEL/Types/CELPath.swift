/// Parts of an expression that are chains of fields: `args.order.currency`.
enum CELPath {
    /// The chain as written, or nil for any other expression.
    static func text(of id: CELTree.ID, in tree: CELTree) -> String? {
        var fields: [String] = []
        var id = id
        while true {
            switch tree[id].kind {
            case .select(let operand, let field):
                fields.append(field)
                id = operand
            case .name(let name, let isRooted):
                fields.append(isRooted ? "." + name : name)
                return fields.reversed().joined(separator: ".")
            default: return nil
            }
        }
    }

    /// The name at the beginning of a chain, or nil for any other expression.
    static func root(of id: CELTree.ID, in tree: CELTree) -> CELTree.ID? {
        var id = id
        while true {
            switch tree[id].kind {
            case .select(let operand, _): id = operand
            case .name: return id
            default: return nil
            }
        }
    }
}
