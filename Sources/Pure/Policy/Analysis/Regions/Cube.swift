/// Inputs that satisfy a constraint at each of some places: a conjunction.
struct Cube: Hashable, Sendable {
    private(set) var constraints: [InputPath: Constraint]

    static let everything = Cube(constraints: [:])

    private init(constraints: [InputPath: Constraint]) { self.constraints = constraints }

    /// - Returns: nil when nothing fits.
    init?(_ constraints: [InputPath: Constraint]) {
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

    /// Sufficient, not necessary.
    func isSubset(of other: Cube) -> Bool {
        other.constraints.allSatisfy { path, constraint in
            constraints[path].map { $0.isSubset(of: constraint) } ?? false
        }
    }

    func contains(_ input: CallInput) -> Bool {
        constraints.allSatisfy { path, constraint in input.satisfies(constraint, at: path) }
    }

    /// Whether it rests on expressions that the analysis does not look into.
    var isOpaque: Bool { constraints.keys.contains(where: \.isOpaque) }

    /// Paths in order.
    var paths: [InputPath] { constraints.keys.sorted() }
}
