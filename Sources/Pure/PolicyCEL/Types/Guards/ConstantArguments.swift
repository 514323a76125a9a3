import InterlockModel

/// Checks that patterns and time zones are literals. They are compiled and found when a policy is loaded,
/// so that they cannot fail, or be chosen by an agent, later.
enum ConstantArguments {
    static let mostPatternCharacters = 256

    static func problem(
        at id: CELTree.ID, _ tree: CELTree, _ types: CELTypes, _ environment: CELEnvironment
    ) -> CELProblem? {
        guard case .call(let name, let target, let arguments, _) = tree[id].kind else { return nil }
        if name == "matches", let pattern = arguments.last {
            return problem(withPattern: pattern, tree, environment)
        }
        if zoned.contains(name), target != nil, let zone = arguments.first {
            return problem(withZone: zone, tree, environment)
        }
        return nil
    }

    private static func problem(
        withPattern id: CELTree.ID, _ tree: CELTree, _ environment: CELEnvironment
    ) -> CELProblem? {
        let offset = tree[id].offset
        guard case .literal(.string(let pattern)) = tree[id].kind else {
            return CELProblem(.pattern, at: offset, "the pattern of `matches` is not a constant")
        }
        guard pattern.unicodeScalars.count <= mostPatternCharacters else {
            return CELProblem(
                .pattern, at: offset,
                "the pattern is longer than \(mostPatternCharacters) characters")
        }
        do {
            _ = try environment.patterns.compile(pattern)
            return nil
        } catch {
            return CELProblem(.pattern, at: offset, "`\(pattern)`: \(error.message)")
        }
    }

    /// Accessors of timestamps, whose argument is always a zone.
    private static let zoned: Set<String> = [
        "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getFullYear", "getHours",
        "getMilliseconds", "getMinutes", "getMonth", "getSeconds",
    ]

    private static func problem(
        withZone id: CELTree.ID, _ tree: CELTree, _ environment: CELEnvironment
    ) -> CELProblem? {
        let offset = tree[id].offset
        guard case .literal(.string(let zone)) = tree[id].kind else {
            return CELProblem(.zone, at: offset, "the time zone is not a constant")
        }
        if environment.zones.rules(for: zone) != nil {
            return nil
        }
        return CELProblem(
            .zone, at: offset, "there is no time zone `\(zone)`",
            help: environment.zones.nearestZone(to: zone)
                ?? "write a name such as `Europe/Berlin` or an offset such as `+02:00`")
    }
}
