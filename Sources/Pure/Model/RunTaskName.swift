/// The name of a task of the policy, which a run can have as its purpose (docs/specs/output-safety.md, section 7): the
/// same grammar as that of an agent's name.
package struct RunTaskName: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let text: String
    package init?(_ text: String) {
        guard isLowerName(text) else { return nil }
        self.text = text
    }
    package var description: String { text }
    package static func < (a: RunTaskName, b: RunTaskName) -> Bool { a.text < b.text }
}
