/// The network that the child of a stdio server is started in (docs/specs/sandbox.md, section 8).
package enum ServerNetwork: String, Sendable, CaseIterable {
    /// A loopback interface of its own, without any way to another machine or to a port of this one.
    case own = "none"
    /// The machine's: every port of this machine and every host that it reaches.
    case host
}
