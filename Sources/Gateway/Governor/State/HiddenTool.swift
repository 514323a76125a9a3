/// A tool or prompt of a live server that agents do not see.
package struct HiddenTool: Sendable, Hashable {
    /// The name as the server sent it, shortened; untrusted text.
    package let name: String
    package let reason: String

    package init(name: String, reason: String) {
        self.name = name
        self.reason = reason
    }
}
