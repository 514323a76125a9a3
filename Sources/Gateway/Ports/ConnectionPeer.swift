/// The two ends of a TCP connection that a client opened.
package struct ConnectionPeer: Hashable, Sendable {
    /// The client's numeric address.
    package let host: String
    package let port: UInt16
    /// The port of this end.
    package let localPort: UInt16

    package init(host: String, port: UInt16, localPort: UInt16) {
        self.host = host
        self.port = port
        self.localPort = localPort
    }
}

/// Finds the processes of this machine that hold the other end of connections.
package protocol PeerProcesses: Sendable {
    /// Returns the process ids that are known. A client on another machine, of another network namespace, or of a user
    /// whose processes this one may not inspect has none. Reads `/proc`, which takes milliseconds: must not be called on
    /// an event loop.
    func processes(of peers: Set<ConnectionPeer>) -> [ConnectionPeer: Int32]
}

/// Knows no process.
package struct UnknownPeerProcesses: PeerProcesses {
    package init() {}
    package func processes(of peers: Set<ConnectionPeer>) -> [ConnectionPeer: Int32] { [:] }
}
