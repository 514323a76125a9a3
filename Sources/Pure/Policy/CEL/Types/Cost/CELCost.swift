/// The most steps that an expression can take (specs of the policy, 5.4), found without evaluating it.
package struct CELCost: Sendable, Hashable {
    /// Of one decision.
    package static let limit = CELBudget.ofDecision
    /// What a string may have where nothing states its size.
    package static let assumedBytes = 4_096
    /// What a list or map may have where nothing states its size.
    package static let assumedItems = 256

    /// Counting stated sizes alone, values of unknown size as empty.
    package let stated: Int
    /// Counting values of unknown size as assumed.
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

/// How large values count whose size nothing states.
struct SizeAssumption {
    let bytes: Int
    let items: Int
}
