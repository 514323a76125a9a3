import InterlockModel

/// The open connections of a signer's socket, each until its request is whole. Closes nothing itself: what is no longer
/// in it, the caller closes.
struct SignerConnections {
    struct Connection {
        let socket: Int32
        let opened: BootTime
        /// The time of the newest byte, or of the opening.
        private(set) var active: BootTime
        private(set) var received: [UInt8] = []

        fileprivate init(_ socket: Int32, at now: BootTime) {
            self.socket = socket
            opened = now
            active = now
        }

        mutating func receive(_ bytes: [UInt8], at now: BootTime) {
            guard !bytes.isEmpty else { return }
            received += bytes
            active = now
        }

        /// True if the connection has sent nothing for too long, or has not sent all of its request in time.
        func isLate(at now: BootTime) -> Bool {
            let limit = received.isEmpty ? SignerConnections.silence : SignerConnections.deadline
            return now - opened >= limit
        }
    }

    static let maximumCount = 32
    /// The time for the first byte.
    static let silence = Duration.seconds(1)
    /// The time for a whole request.
    static let deadline = Duration.seconds(5)

    private(set) var open: [Connection] = []

    /// Adds a connection. If there are too many, the one that was idle for the longest time gives way, so that idle ones
    /// keep no new one out.
    ///
    /// - Returns: the connection that gave way.
    mutating func add(_ socket: Int32, at now: BootTime) -> Connection? {
        defer { open.append(Connection(socket, at: now)) }
        guard open.count >= Self.maximumCount,
            let place = open.indices.min(by: { open[$0].active < open[$1].active })
        else { return nil }
        return open.remove(at: place)
    }

    /// Replaces the connections by those that are still open.
    mutating func keep(_ connections: [Connection]) { open = connections }
}
