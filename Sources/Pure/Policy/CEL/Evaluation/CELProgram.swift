import InterlockModel

/// Where an evaluation reads its variables; asked only for those that the expression comes to.
package protocol CELVariables {
    /// - Returns: nil for a variable that has no value now, which `has` can ask and anything else
    ///   answers with `undeclared`.
    func value(of slot: Int) -> CELValue?
}

/// An expression ready to be evaluated: flat instructions that refer to each other by place, names and
/// functions resolved, constants evaluated, patterns and time zones prepared (specs of the policy, 6.1).
package final class CELProgram: Sendable {
    /// Evaluation nests no deeper than this, which bounds its stack.
    package static let maximumDepth = 200

    let code: [CELInstruction]
    let tables: CELTables
    let root: Int
    let localCount: Int

    /// - Throws: `tooLarge` beyond `maximumDepth`, `pattern` and `zone` for texts of `matches` and of
    ///   time accessors that are no constants or mean nothing, `undeclared` for messages. Whatever the
    ///   checker refuses besides is a fault of the evaluation here.
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

    /// - Parameter budget: what is left of it when the evaluation has ended, in whichever way.
    package func evaluate<V: CELVariables>(
        _ variables: borrowing V, budget: inout CELBudget
    ) throws(CELFault) -> CELValue {
        var machine = CELMachine(self, budget)
        defer { budget = machine.budget }
        return try machine.value(root, variables)
    }

    /// Evaluates a guard.
    ///
    /// - Throws: also `no_such_overload` when the expression gives no bool.
    package func holds<V: CELVariables>(
        _ variables: borrowing V, budget: inout CELBudget
    ) throws(CELFault) -> Bool {
        var machine = CELMachine(self, budget)
        defer { budget = machine.budget }
        return try machine.truth(root, variables)
    }
}
