/// Resolves each name of a tree (docs/specs/policy.md, section 5.5): the longest declared dotted prefix, in
/// the container first; variables of macros hide all others. Resolution never fails: an unknown name has no
/// reference, so the checker rejects it and its evaluation ends in `undeclared`.
package enum CELNames {
    package static func resolve(_ tree: CELTree, in environment: CELEnvironment) -> CELResolution {
        var resolver = NameResolver(tree, NameTable(environment))
        resolver.run()
        return resolver.found
    }
}

private struct NameResolver {
    /// One variable of a macro. The scopes of a node form a chain from the innermost outwards.
    struct Scope {
        let name: String
        let slot: Int
        let outer: Int?
    }

    let tree: CELTree
    let names: NameTable
    var found = CELResolution()
    private var scopes: [Scope] = []
    private var waiting: [(node: CELTree.ID, scope: Int?)] = []

    init(_ tree: CELTree, _ names: NameTable) {
        self.tree = tree
        self.names = names
    }

    mutating func run() {
        guard tree.nodes.indices.contains(tree.root) else { return }
        waiting.append((tree.root, nil))
        while let (node, scope) = waiting.popLast() { visit(node, scope) }
    }

    private mutating func visit(_ id: CELTree.ID, _ scope: Int?) {
        switch tree[id].kind {
        case .name(let name, let isRooted):
            if !isRooted, let slot = slot(of: name, in: scope) {
                found.references[id] = .local(slot)
            } else {
                found.references[id] = names.value(named: name, isRooted: isRooted)
            }
        case .select(let operand, _):
            if let path = path(id, scope),
                let meaning = names.value(named: path.name, isRooted: path.isRooted)
            {
                found.references[id] = meaning
            } else {
                waiting.append((operand, scope))
            }
        case .has(let operand, let field), .optionalSelect(let operand, let field):
            if let variable = optionalVariable(operand, field, scope) {
                found.references[id] = variable
            } else {
                waiting.append((operand, scope))
            }
        case .call(let name, let target, let arguments, let isRooted):
            for argument in arguments { waiting.append((argument, scope)) }
            visitCall(id, name, target, isRooted, scope)
        case .comprehension(let macro):
            waiting.append((macro.range, scope))
            let inner = declare([macro.first] + (macro.second.map { [$0] } ?? []), by: id, scope)
            for part in [macro.condition, macro.result] {
                if let part { waiting.append((part, inner)) }
            }
        case .bind(let name, let value, let body):
            waiting.append((value, scope))
            waiting.append((body, declare([name], by: id, scope)))
        case .optionalMap(let target, let name, let body, _):
            waiting.append((target, scope))
            waiting.append((body, declare([name], by: id, scope)))
        case .literal, .index, .optionalIndex, .not, .negate, .binary, .conditional, .list, .map,
            .message:
            for part in tree[id].kind.children { waiting.append((part, scope)) }
        }
    }

    /// Resolves a call. If the target and the function's name together are a declared name, the target is a
    /// namespace; otherwise it is the receiver of a member function.
    private mutating func visitCall(
        _ id: CELTree.ID, _ name: String, _ target: CELTree.ID?, _ isRooted: Bool, _ scope: Int?
    ) {
        guard let target else {
            found.references[id] = names.function(named: name, isRooted: isRooted)
                .map(CELResolution.Reference.function)
            return
        }
        if let path = path(target, scope),
            let place = names.function(named: path.name + "." + name, isRooted: path.isRooted)
        {
            found.references[id] = .qualifiedFunction(place)
            return
        }
        found.references[id] = names.member(named: name).map(CELResolution.Reference.function)
        waiting.append((target, scope))
    }

    /// Resolves `has(call.on_behalf_of)` to a variable with a dotted name, unless a shorter prefix is
    /// itself a value with fields.
    private func optionalVariable(
        _ operand: CELTree.ID, _ field: String, _ scope: Int?
    ) -> CELResolution.Reference? {
        guard let path = path(operand, scope), !path.hasMeaningfulPrefix(in: names),
            case .variable(let slot)? = names.value(
                named: path.name + "." + field, isRooted: path.isRooted)
        else { return nil }
        return .variable(slot)
    }

    /// The node as a dotted name. Returns nil unless the node is a chain of selections from a name that no
    /// variable of a macro hides, and short enough to be declared.
    private func path(_ id: CELTree.ID, _ scope: Int?) -> DottedName? {
        var parts: [String] = []
        var id = id
        while parts.count < names.mostParts {
            switch tree[id].kind {
            case .select(let operand, let field):
                // Only a quoted field can contain a dot, and such a field is not part of a name.
                if field.utf8.contains(UInt8(ascii: ".")) { return nil }
                parts.append(field)
                id = operand
            case .name(let name, let isRooted):
                if !isRooted, slot(of: name, in: scope) != nil { return nil }
                parts.append(name)
                return DottedName(parts: parts.reversed(), isRooted: isRooted)
            default: return nil
            }
        }
        return nil
    }

    private mutating func declare(_ names: [String], by id: CELTree.ID, _ scope: Int?) -> Int? {
        var scope = scope
        var slot = scope.map { scopes[$0].slot + 1 } ?? 0
        found.frames[id] = slot
        for name in names {
            scopes.append(Scope(name: name, slot: slot, outer: scope))
            scope = scopes.count - 1
            slot += 1
        }
        found.localCount = max(found.localCount, slot)
        return scope
    }

    private func slot(of name: String, in scope: Int?) -> Int? {
        var scope = scope
        while let place = scope {
            if scopes[place].name == name { return scopes[place].slot }
            scope = scopes[place].outer
        }
        return nil
    }
}

private struct DottedName {
    let parts: [String]
    let isRooted: Bool
    var name: String { parts.joined(separator: ".") }

    func hasMeaningfulPrefix(in names: NameTable) -> Bool {
        (1...parts.count).contains { length in
            names.value(named: parts.prefix(length).joined(separator: "."), isRooted: isRooted)
                != nil
        }
    }
}
