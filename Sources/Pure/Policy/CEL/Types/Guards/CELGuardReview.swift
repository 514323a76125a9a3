import InterlockModel

/// What is to be said about a checked guard beyond its types (specs of the policy, 5.4 and 7).
package struct CELGuardReview: Sendable {
    /// E305 no bool, E306 pattern, E307 string building in a macro, E308 cost, E314 time zone.
    package let problems: [CELProblem]
    /// W207: fields that may be absent, read where nothing has asked `has()`.
    package let optionalReads: [OptionalRead]
    package let cost: CELCost

    package struct OptionalRead: Sendable, Hashable {
        /// In code points from the beginning of the text.
        package let offset: Int
        /// `args.order.currency`
        package let path: String
    }

    /// W222: only values larger than any stated size can make the guard run out of its budget.
    package var mayRunOut: Bool { cost.stated <= CELCost.limit && cost.assumed > CELCost.limit }
}

package enum CELGuardRules {
    /// - Precondition: the tree was parsed within the limits of guard texts, which bound the work here.
    package static func review(
        _ tree: CELTree, _ resolution: CELResolution, _ types: CELTypes,
        in environment: CELEnvironment
    ) -> CELGuardReview {
        let cost = CELCost.bound(tree, resolution, types, in: environment)
        var problems: [CELProblem] = []
        let root = tree[tree.root].offset
        if !types.result.may(be: { $0 == .bool }) {
            problems.append(
                CELProblem(.notBool, at: root, "the guard gives \(types.result.text), not bool"))
        }
        if cost.stated > CELCost.limit {
            problems.append(
                CELProblem(
                    .cost, at: root,
                    "the guard may take \(cost.stated) steps, more than \(CELCost.limit)",
                    help: "bound the values in the schema (`maxLength`, `maxItems`) or test less"))
        }
        for step in CELWalk.steps(of: tree, resolution) {
            guard case .visit(let id) = step else { continue }
            if let problem = ConstantArguments.problem(at: id, tree, types, environment) {
                problems.append(problem)
            }
        }
        problems += StringBuilding.problems(tree, types)
        return CELGuardReview(
            problems: problems.sorted { $0.offset < $1.offset },
            optionalReads: PresenceWalk.optionalReads(tree, resolution, types), cost: cost)
    }
}
