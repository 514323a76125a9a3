/// A tool or prompt of a live server that agents do not see.
package struct HiddenTool: Sendable, Hashable {
    /// As the server writes it, cut; show it like any text of a stranger.
    package let name: String
    package let reason: String

    package init(name: String, reason: String) {
        self.name = name
        self.reason = reason
    }
}
