package import InterlockModel

extension PolicySnapshot {
    /// Why nothing of a server is offered; nil when the lock has it as the policy reaches it, and
    /// without a lock.
    package func lockRefusal(of server: ServerName) -> LockRefusal? {
        guard let lock else { return nil }
        guard let entry = lock.servers[server] else { return .notInLock }
        return servers[server]?.connect.flatMap { entry.difference(from: $0) }
            .map(LockRefusal.differs)
    }
}

package enum LockRefusal: Sendable, Hashable, CustomStringConvertible {
    /// For the gateway it does not exist.
    case notInLock
    /// Quarantined: with the sentence that says how it differs.
    case differs(String)

    package var description: String {
        switch self {
        case .notInLock: "it has no entry in the lock: interlock servers pin"
        case .differs(let reason): "quarantined: \(reason)"
        }
    }
}
