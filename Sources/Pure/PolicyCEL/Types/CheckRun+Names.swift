import InterlockModel

extension CheckRun {
    mutating func reference(_ id: CELTree.ID) -> CELType {
        switch resolution.references[id] {
        case .variable(let slot): return environment.variables[slot].type
        case .local(let slot): return locals[slot]
        case .type(let name): return .type(CELTypeName.known[name.name] ?? .dyn)
        case .function, .qualifiedFunction, nil: return undeclared(id)
        }
    }

    private mutating func undeclared(_ id: CELTree.ID) -> CELType {
        let name = CELPath.text(of: id, in: tree) ?? "?"
        let paths = tree.nodes.indices.compactMap { node in
            CELPath.text(of: node, in: tree).flatMap { $0.hasPrefix(name + ".") ? $0 : nil }
        }
        // `call.sever` is one misspelt name rather than a field of a missing `call`.
        let whole = paths.max { $0.utf8.count < $1.utf8.count } ?? name
        let declared = environment.variables.map(\.name)
        for candidate in [whole, name] {
            if let help = didYouMean(candidate, among: declared) {
                return refused(.undeclared, id, "`\(candidate)` is not declared", help: help)
            }
        }
        let isPartOfName = declared.contains { $0.hasPrefix(name + ".") }
        return refused(.undeclared, id, "`\(isPartOfName ? whole : name)` is not declared")
    }

    mutating func call(
        _ name: String, _ target: CELTree.ID?, _ arguments: [CELTree.ID], _ id: CELTree.ID
    ) -> CELType {
        switch resolution.references[id] {
        case .function(let place):
            let operands = (target.map { [$0] } ?? []) + arguments
            return apply(environment.library.functions[place].overloads, name, to: operands, id)
        case .qualifiedFunction(let place):
            let function = environment.library.functions[place]
            return apply(function.overloads, function.name, to: arguments, id)
        case .variable, .local, .type, nil: return unknownFunction(name, target, id)
        }
    }

    private mutating func unknownFunction(
        _ name: String, _ target: CELTree.ID?, _ id: CELTree.ID
    ) -> CELType {
        let namespace = target.flatMap { CELPath.root(of: $0, in: tree) }
            .flatMap { resolution.references[$0] == nil ? $0 : nil }
        if let namespace, let target, let path = CELPath.text(of: target, in: tree) {
            // The name before the dot is a namespace, not a variable; its problem is removed, so that one
            // mistake gives one problem.
            let offset = tree[namespace].offset
            problems.removeAll { $0.kind == .undeclared && $0.offset == offset }
            return refuseFunction(path + "." + name, isMember: false, id)
        }
        return refuseFunction(name, isMember: target != nil, id)
    }

    private mutating func refuseFunction(
        _ name: String, isMember: Bool, _ id: CELTree.ID
    ) -> CELType {
        let names = environment.library.functions.filter { $0.isMember == isMember }.map(\.name)
        let help = didYouMean(name, among: names)
        return refused(.unknownFunction, id, "there is no function `\(name)`", help: help)
    }
}
