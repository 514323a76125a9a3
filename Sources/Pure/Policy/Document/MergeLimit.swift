/// The most open changes of which agents wrote something, for each person who merges them
/// (docs/specs/trust-and-review.md, section 10). `interlock provenance check` applies it.
package struct MergeLimit: Sendable, Hashable {
    /// The consequence for a merge at the limit.
    package enum Consequence: String, Sendable, CaseIterable { case warn, refuse }

    /// The number of other open changes at which the limit is reached; nil if their number is not limited.
    package let changes: Int?
    /// The most changed lines of all open changes; nil if they are not limited.
    package let lines: Int?
    package let over: Consequence

    init(_ value: TypedValue) {
        changes = value["changes"]?.integer.map { Int($0) }
        lines = value["lines"]?.integer.map { Int($0) }
        over = value["over"]?.text.flatMap(Consequence.init) ?? .warn
    }
}
