import InterlockJSON

/// The sender of an event: a host by its hook, or a worker that runs the tools of a session which a vendor hosts
/// (docs/decisions/0116). A worker writes the common form itself: it has no codec, settings or facts of a program.
package enum HookSender: Sendable, Hashable {
    case host(HookHost)
    case worker

    private static let workerName = "worker"

    /// - Returns: nil if `name` is neither a host's nor that of a worker.
    package init?(name: String) {
        if let host = HookHost(rawValue: name) {
            self = .host(host)
        } else if sameBytes(name, Self.workerName) {
            self = .worker
        } else {
            return nil
        }
    }

    /// The name on the wire and in records.
    package var name: String {
        switch self {
        case .host(let host): host.rawValue
        case .worker: Self.workerName
        }
    }

    /// The time after which the sender refuses by itself.
    package var deadline: Duration {
        switch self {
        case .host(let host): host.facts.timing.deadline
        case .worker: .seconds(25)
        }
    }

    /// The longest wait for an approval, or nil if the sender must not be kept waiting.
    package var wait: Duration? {
        switch self {
        case .host(let host): host.facts.timing.wait
        case .worker: .seconds(20)
        }
    }
}
