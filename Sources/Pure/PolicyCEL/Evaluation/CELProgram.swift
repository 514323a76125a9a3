import InterlockModel

/// The variables of an evaluation; only those that it reaches are requested.
package protocol CELVariables {
    /// Returns nil if the variable has no value. `has` and `.?` accept that; any other use ends in
    /// `undeclared`.
    func value(of slot: Int) -> CELValue?
}

/// An expression that is ready to be evaluated: flat instructions that refer to each other by index, with
/// names and functions resolved, constants evaluated, and patterns and time zones prepared
/// (docs/specs/policy.md, section 6.1).
///
/// INVARIANT: CEL means what its public corpus says. Kept by `Tests/CELTests`, `test_cel_oracle.py`.
package final class CELProgram: Sendable {
    /// The maximum nesting of an evaluation, which bounds its stack.
    package static let maximumDepth = 200

    let code: [CELInstruction]
    let tables: CELTables
    let root: Int
    let localCount: Int

    /// - Throws: `tooLarge` beyond `maximumDepth`; `pattern` and `zone` if the pattern of `matches` or the
    ///   zone of a time accessor is not a constant or is invalid; `undeclared` for messages. Everything
    ///   else that the checker rejects becomes a fault of the evaluation.
    package init(
        _ tree: CELTree, _ resolution: CELResolution, in environment: CELEnvironment
    ) throws(CELProblem) {
        var compiler = CELCompiler(tree, resolution, environment)
        try compiler.compile()
        code = compiler.code
        tables = compiler.tables
        root = tree.root
        localCount = resolution.localCount
    }

    /// - Parameter budget: receives what is left after the evaluation, whether it succeeds or throws.
    package func evaluate<V: CELVariables>(
        _ variables: borrowing V, budget: inout CELBudget
    ) throws(CELFault) -> CELValue {
        var machine = CELMachine(self, budget)
        defer { budget = machine.budget }
        return try machine.value(root, variables)
    }

    /// Evaluates a guard.
    ///
    /// - Throws: also `no_such_overload` if the result is not a bool.
    package func holds<V: CELVariables>(
        _ variables: borrowing V, budget: inout CELBudget
    ) throws(CELFault) -> Bool {
        var machine = CELMachine(self, budget)
        defer { budget = machine.budget }
        return try machine.truth(root, variables)
    }
}
