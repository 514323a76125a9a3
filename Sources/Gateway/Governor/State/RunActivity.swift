import InterlockModel
package import InterlockPorts

/// The client from which the requests of a run come, and the purpose that its token declares. The newest connection that
/// used a credential of the run counts.
package struct RunOrigin: Hashable, Sendable {
    package enum Client: Hashable, Sendable {
        case unknown
        /// A process of this machine at a local socket, as the kernel reported it.
        case process(pid: Int32)
        case connection(ConnectionPeer)
    }
    package let client: Client
    package let purpose: String?

    init(_ principal: Principal, _ head: RequestHead) {
        purpose = principal.purpose
        client =
            if head.forwarder != nil {
                // A client of another node.
                .unknown
            } else if case .local(_, let pid) = head.listener {
                .process(pid: pid)
            } else {
                head.peer.map { Client.connection($0) } ?? .unknown
            }
    }
}

/// An open run as it is now: its client, sessions and calls, which no record has.
package struct RunActivity: Hashable, Sendable {
    /// The declared purpose, or nil if the run's tokens state none.
    package var purpose: String?
    /// The address of its client; `local` at a local socket; nil if the run was not used since the start.
    package var host: String?
    /// The client's process, if it runs on this machine and the gateway may see it.
    package var pid: Int32?
    /// The sessions of the legacy eras, as records name them.
    package var sessions: [String] = []
    /// The number of calls that were sent to a server and are not answered.
    package var calls = 0
    /// The number of calls that wait for people, of which nothing was sent.
    package var waits = 0

    package init() {}

    /// The host, and the process if it is known; nil if neither is.
    package var client: String? {
        guard let host else { return nil }
        return pid.map { "\(host), pid \($0)" } ?? host
    }
}
