/// The reason why a call of the store did not return what was asked for.
///
/// All but `unknown` say that the call changed nothing. Neither permits anything.
package enum StoreCallFailure: Error, Hashable, Sendable {
    /// IL001: the incarnation of this node was expelled, or the node is no member.
    case expelled(String)
    /// IL002: a commit would not be on two machines.
    case noStandby(String)
    /// IL003: another writer was first, or the row is in a state from which the change is not possible.
    case closed(String)
    /// IL004: the heads of the nodes were not compared after a restart or failover of the store.
    case notCompared(String)
    /// The call was not sent: too many others wait, or no connection was free in time.
    case busy(String)
    /// Any other error: the SQLSTATE and its message.
    case refused(code: String, reason: String)
    /// The answer was lost, late or came with a warning, so that the call may have been done. The connection is closed.
    /// The caller must treat the call as not permitted, and may repeat it with the same ids.
    case unknown(String)

    /// The failure of a statement that the store has undone.
    ///
    /// - Parameter code: the SQLSTATE.
    init(code: String, reason: String) {
        switch code {
        case "IL001": self = .expelled(reason)
        case "IL002": self = .noStandby(reason)
        case "IL003": self = .closed(reason)
        case "IL004": self = .notCompared(reason)
        default: self = .refused(code: code, reason: reason)
        }
    }
}

extension StoreCallFailure {
    /// True if the connection must not be used again: the outcome is unknown, or the error is not one of a value, a
    /// constraint or a transaction, so it is the server that is not as it should be (a standby, a shutdown, no memory).
    var endsConnection: Bool {
        switch self {
        case .expelled, .noStandby, .closed, .notCompared, .busy: false
        case .refused(let code, _): !["22", "23", "40"].contains(code.prefix(2))
        case .unknown: true
        }
    }
}

extension StoreCallFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .expelled(let reason): "this node was expelled: \(reason)"
        case .noStandby(let reason): "the store is not durable: \(reason)"
        case .closed(let reason): "the store has another state: \(reason)"
        case .notCompared(let reason): "the store is not open: \(reason)"
        case .busy(let reason): reason
        case .refused(let code, let reason): "the store refused with \(code): \(reason)"
        case .unknown(let reason): "it is not known what the store did: \(reason)"
        }
    }
}
