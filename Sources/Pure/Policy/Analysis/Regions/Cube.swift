/// The inputs that satisfy a constraint at each of several locations: a conjunction.
package struct Cube: Hashable, Sendable {
    package private(set) var constraints: [InputPath: Constraint]

    static let everything = Cube(constraints: [:])

    private init(constraints: [InputPath: Constraint]) { self.constraints = constraints }

    /// Returns nil if a constraint admits no value.
    package init?(_ constraints: [InputPath: Constraint]) {
        guard constraints.values.allSatisfy({ !$0.isEmpty }) else { return nil }
        self.constraints = constraints
    }

    func intersection(_ other: Cube) -> Cube? {
        var result = constraints
        for (path, constraint) in other.constraints {
            guard let known = result[path] else {
                result[path] = constraint
                continue
            }
            let both = known.intersection(constraint)
            if both.isEmpty { return nil }
            result[path] = both
        }
        return Cube(constraints: result)
    }

    /// A sufficient, not a necessary test.
    func isSubset(of other: Cube) -> Bool {
        other.constraints.allSatisfy { path, constraint in
            constraints[path].map { $0.isSubset(of: constraint) } ?? false
        }
    }

    func contains(_ input: CallInput) -> Bool {
        constraints.allSatisfy { path, constraint in input.satisfies(constraint, at: path) }
    }

    /// True if the cube depends on expressions that the analysis treats as opaque.
    var isOpaque: Bool { constraints.keys.contains(where: \.isOpaque) }

    /// The constrained paths, sorted.
    package var paths: [InputPath] { constraints.keys.sorted() }
}
