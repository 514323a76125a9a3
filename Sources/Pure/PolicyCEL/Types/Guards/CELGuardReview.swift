import InterlockModel

/// The findings about a checked guard beyond its types (docs/specs/policy.md, sections 5.4 and 7).
package struct CELGuardReview: Sendable {
    /// E305 (not a bool), E306 (pattern), E307 (string building in a macro), E308 (cost) and E314 (time
    /// zone).
    package let problems: [CELProblem]
    /// Reads of fields that may be absent and that no `has()` ensures (W207).
    package let optionalReads: [OptionalRead]
    package let cost: CELCost

    package struct OptionalRead: Sendable, Hashable {
        /// The offset from the beginning of the text, in code points.
        package let offset: Int
        /// The path of the field: `args.order.currency`.
        package let path: String
    }

    /// True if only values without a stated size can make the guard exhaust its budget (W222).
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
