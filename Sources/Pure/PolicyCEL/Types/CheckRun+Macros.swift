extension CheckRun {
    /// Assigns types to the variables of a macro or binding.
    mutating func declare(_ id: CELTree.ID) {
        guard let slot = resolution.frames[id] else { return }
        switch tree[id].kind {
        case .comprehension(let macro):
            let (key, value) = elements(of: macro.range)
            let isOne = macro.second == nil
            locals[slot] = isOne && key == nil ? value : key ?? .int
            if !isOne { locals[slot + 1] = value }
        case .bind(_, let value, _): locals[slot] = types[value]
        case .optionalMap(let target, _, _, _):
            let inner = substitution.fresh()
            if !substitution.accepts(types[target], as: .optional(inner)) {
                _ = refused(
                    .noOverload, target, "`optMap` needs an optional value, not \(text(target))")
            }
            locals[slot] = inner
        default: break
        }
    }

    mutating func comprehension(_ macro: CELNode.Comprehension) -> CELType {
        if let condition = macro.condition, !substitution.accepts(types[condition], as: .bool) {
            _ = refused(
                .noOverload, condition,
                "the condition of a macro gives \(text(condition)), not bool")
        }
        let result = macro.result.map { types[$0] } ?? .dyn
        let (key, value) = elements(of: macro.range, isKnown: true)
        switch macro.macro {
        case .all, .exists, .existsOne: return .bool
        case .filter: return .list(macro.second == nil ? key ?? value : value)
        case .map, .transformList: return .list(result)
        case .transformMap: return .map(key ?? .int, result)
        case .transformMapEntry:
            let entry = CELType.map(substitution.fresh(), substitution.fresh())
            guard let body = macro.result, !substitution.accepts(result, as: entry) else {
                return substitution.applied(to: entry)
            }
            return refused(
                .noOverload, body,
                "`transformMapEntry` needs a map for each element, not \(text(body))")
        }
    }

    mutating func optionalMap(_ body: CELTree.ID, isFlat: Bool, _ id: CELTree.ID) -> CELType {
        guard isFlat else { return .optional(types[body]) }
        let inner = substitution.fresh()
        guard substitution.accepts(types[body], as: .optional(inner)) else {
            return refused(
                .noOverload, body, "`optFlatMap` needs an optional value, not \(text(body))")
        }
        return .optional(inner)
    }

    /// The types of the keys (nil for a list, whose macros count) and values that a macro iterates over.
    private mutating func elements(
        of range: CELTree.ID, isKnown: Bool = false
    ) -> (key: CELType?, value: CELType) {
        let type = known(range)
        let found = type.kinds.compactMap(elements(of:))
        if found.isEmpty {
            if !isKnown {
                _ = refused(
                    .noOverload, range, "a macro runs over a list or a map, not \(text(range))")
            }
            return (.dyn, .dyn)
        }
        if case .parameter = type { _ = substitution.accepts(.dyn, as: type) }
        if found.count == 1 { return found[0] }
        let isList = found.allSatisfy { $0.key == nil }
        return (isList ? nil : .dyn, .any(of: found.map(\.value)))
    }

    private func elements(of type: CELType) -> (key: CELType?, value: CELType)? {
        switch type {
        case .list(let element): (nil, element)
        case .map(let key, let value): (key, value)
        case .object: (.string, .dyn)
        case .dyn, .parameter: (.dyn, .dyn)
        default: nil
        }
    }
}
