/// The maximum number of steps that an expression can take (docs/specs/policy.md, section 5.4), computed
/// without evaluating it.
package struct CELCost: Sendable, Hashable {
    /// The limit of one decision.
    package static let limit = CELBudget.ofDecision
    /// The assumed size of a string whose size is not stated, in bytes.
    package static let assumedBytes = 4_096
    /// The assumed number of elements of a list or map whose size is not stated.
    package static let assumedItems = 256

    /// The maximum if values of unknown size are empty.
    package let stated: Int
    /// The maximum if values of unknown size are as large as assumed.
    package let assumed: Int

    package static func bound(
        _ tree: CELTree, _ resolution: CELResolution, _ types: CELTypes,
        in environment: CELEnvironment
    ) -> CELCost {
        let steps = CELWalk.steps(of: tree, resolution)
        func bound(_ sizes: SizeAssumption) -> Int {
            var run = CostRun(tree, resolution, types, environment, sizes)
            return run.bound(steps)
        }
        return CELCost(
            stated: bound(SizeAssumption(bytes: 0, items: 0)),
            assumed: bound(SizeAssumption(bytes: assumedBytes, items: assumedItems)))
    }
}

/// The assumed sizes of values whose size is not stated.
struct SizeAssumption {
    let bytes: Int
    let items: Int
}
