/// The network in which the child process of a stdio server is started (docs/specs/sandbox.md, section 8).
package enum ServerNetwork: String, Sendable, CaseIterable {
    /// A separate loopback interface, without access to other machines or to ports of this one.
    case own = "none"
    /// The network of the machine: every local port and every reachable host.
    case host
}
