package import InterlockPolicy

/// The state of a run's lease. A response of the gateway renews it; if none comes within the time of the lease, the
/// connections of the run are closed, once. With `on_lease_loss: kill`, a minute without a response ends the run
/// (docs/specs/kill-switch.md, section 6).
package struct RunLease: Sendable {
    /// A time by two clocks: the second one does not count the time in which the machine was suspended.
    package struct Instants: Sendable {
        package var elapsed: ContinuousClock.Instant
        package var awake: SuspendingClock.Instant

        package init(elapsed: ContinuousClock.Instant, awake: SuspendingClock.Instant) {
            self.elapsed = elapsed
            self.awake = awake
        }

        package static var now: Instants {
            Instants(elapsed: ContinuousClock.now, awake: SuspendingClock.now)
        }
    }

    package enum Loss: Sendable, Hashable {
        /// The connections must be closed.
        case connections
        /// The run must be ended.
        case run
    }

    /// The silence after which a run ends. A run of a suspended machine does nothing meanwhile, so that time does not count.
    package static let killAfter = Duration.seconds(60)

    private let lease: Duration
    private let onLoss: SandboxLeaseLoss
    private var lastResponse: Instants
    private var isCut = false

    /// - Parameter lease: the silence after which connections are closed.
    package init(_ lease: Duration, onLoss: SandboxLeaseLoss, lastResponse: Instants) {
        self.lease = lease
        self.onLoss = onLoss
        self.lastResponse = lastResponse
    }

    /// Notes a response of the gateway.
    package mutating func renew(at now: Instants) {
        lastResponse = now
        isCut = false
    }

    /// Returns what must be done now: nil if the lease is held, or the connections were closed before.
    package mutating func check(at now: Instants) -> Loss? {
        if onLoss == .kill, now.awake - lastResponse.awake >= Self.killAfter { return .run }
        guard !isCut, now.elapsed - lastResponse.elapsed > lease else { return nil }
        isCut = true
        return .connections
    }
}
