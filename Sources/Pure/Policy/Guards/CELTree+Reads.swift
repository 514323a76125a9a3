import InterlockPolicyCEL

/// The variables that a guard reads, found in its names.
extension CELTree {
    func reads(_ variable: GuardVariable, _ resolution: CELResolution) -> Bool {
        resolution.references.values.contains(.variable(variable.rawValue))
    }

    /// Returns true if the guard reads the arguments of the call and nothing else, so that its text says which call would
    /// be permitted.
    func readsArgumentsAlone(_ resolution: CELResolution) -> Bool {
        let arguments = CELResolution.Reference.variable(GuardVariable.args.rawValue)
        let references = resolution.references.values
        return references.contains(arguments)
            && references.allSatisfy { reference in
                if case .variable = reference { reference == arguments } else { true }
            }
    }

    /// Returns true if the guard can detect that untrusted content was read: by name, or by using `call` as
    /// a whole in any way except selecting another of its fields.
    func readsTaint(_ resolution: CELResolution) -> Bool {
        if reads(.callTainted, resolution) { return true }
        let whole = CELResolution.Reference.variable(GuardVariable.call.rawValue)
        var harmless: Set<ID> = []
        for node in nodes {
            switch node.kind {
            case .select(let target, let field), .has(let target, let field),
                .optionalSelect(let target, let field):
                if field != "tainted" { harmless.insert(target) }
            default: break
            }
        }
        return resolution.references.contains { id, reference in
            reference == whole && !harmless.contains(id)
        }
    }
}
