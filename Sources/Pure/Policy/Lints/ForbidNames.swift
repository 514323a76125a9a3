/// The forbids that a message names.
struct ForbidNames {
    /// The ids: `` `a` and `b` ``.
    let text: String
    /// The location of the first one.
    let help: String?

    /// - Parameter forbids: each is named once, in this order.
    init(_ forbids: [RuleSpec]) {
        var seen: [RuleSpec] = []
        for rule in forbids where !seen.contains(where: { $0.path == rule.path }) {
            seen.append(rule)
        }
        text = seen.map { "`\($0.id.value)`" }.joined(separator: " and ")
        help = seen.first.map { "the forbid `\($0.id.value)` is at \($0.place)" }
    }
}
