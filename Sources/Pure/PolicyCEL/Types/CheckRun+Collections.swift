extension CheckRun {
    mutating func list(_ elements: [CELNode.Element]) -> CELType {
        var joined: CELType?
        for element in elements {
            joined = join(joined, content(of: element.value, isOptional: element.isOptional))
        }
        return .list(joined ?? substitution.fresh())
    }

    mutating func map(_ entries: [CELNode.Entry]) -> CELType {
        var keys: CELType?
        var values: CELType?
        for entry in entries {
            keys = join(keys, types[entry.key])
            values = join(values, content(of: entry.value, isOptional: entry.isOptional))
        }
        return .map(keys ?? substitution.fresh(), values ?? substitution.fresh())
    }

    /// The more general of two types, or dyn, because a literal may hold values of any kinds.
    private mutating func join(_ joined: CELType?, _ type: CELType) -> CELType {
        guard let joined else { return type }
        return substitution.accepts(joined, as: type) ? .moreGeneral(joined, type) : .dyn
    }

    /// The type of an element, which for `[?x]` is that of the content of the optional `x`.
    private mutating func content(of id: CELTree.ID, isOptional: Bool) -> CELType {
        guard isOptional else { return types[id] }
        let inner = substitution.fresh()
        guard substitution.accepts(types[id], as: .optional(inner)) else {
            return refused(.noOverload, id, "`?` needs an optional value, not \(text(id))")
        }
        return substitution.applied(to: inner)
    }
}
