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
}
