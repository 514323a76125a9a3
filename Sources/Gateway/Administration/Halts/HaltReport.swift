package import InterlockModel
import InterlockPorts

/// The report of one enforcement point on a halt (docs/specs/kill-switch.md, section 9).
package struct PointReport: Sendable {
    package enum State: String, Sendable {
        /// The halt is in force, and nothing is left running.
        case confirmed
        /// The point is silent and all its leases have expired, so it refuses by itself.
        case expired
        /// The point answered, but something is left running.
        case notConfirmed = "not_confirmed"
        case notReached = "not_reached"
        /// This deployment has no such point, so the halt stopped nothing there.
        case notPresent = "not_present"

        /// Is true if nothing runs at the point any more.
        var isStopped: Bool { self == .confirmed || self == .expired }
    }

    package let point: String
    package let state: State
    package var duration: Duration = .zero
    /// Requests refused between the order and this report.
    package var denied = 0
    /// Calls in flight that were cut and are known to have had no effect or to have been answered.
    package var cancelled = 0
    /// Calls in flight that were cut and whose effect at their servers is unknown.
    package var unknown = 0
    /// Calls that have not ended, plus child processes that have not exited.
    package var left = 0
    package var note: String?

    /// A report for a kind of point that does not exist.
    static func absent(_ kind: String, _ note: String) -> PointReport {
        var report = PointReport(point: kind, state: .notPresent)
        report.note = note
        return report
    }
}

/// The extent of a halt: the state of each enforcement point and of each call that was cut.
package struct HaltReport: Sendable {
    package enum State: String, Sendable {
        case halted
        /// Something is unconfirmed or unknown.
        case incomplete
        /// No point is registered, which does not count as success.
        case notReached = "not_reached"
    }

    package let order: HaltOrder
    package let epoch: Int64
    package var points: [PointReport]
    /// Calls in flight that the halt cut.
    package let cutCalls: [CutCall]
    /// The cut calls that have not ended yet.
    package var left: [CallID]
    /// Is true if the order's file is durable.
    package let isDurable: Bool
    package var duration: Duration
    /// Calls that were sent after the point had confirmed the halt.
    package var violations: [CallID] = []

    package var cut: Int { cutCalls.count }
    /// Calls that a person must check, because a cancellation does not undo what their servers did.
    package var manual: [CutCall] {
        cutCalls.filter { left.contains($0.call) || $0.end == .unknown }
    }

    package var state: State {
        let registered = points.filter { $0.state != .notPresent }
        guard !registered.isEmpty else { return .notReached }
        return missed == 0 && manual.isEmpty && violations.isEmpty ? .halted : .incomplete
    }
    /// Every point has confirmed, and the end of each call is known.
    package var isConfirmed: Bool { state == .halted }
    package var missed: Int {
        points.count { $0.state != .notPresent && !($0.state.isStopped && $0.left == 0) }
    }
}

extension HaltReport {
    /// The kinds of enforcement point that this version lacks; every report lists them.
    static let absent: [PointReport] = [
        .absent("hook", "no hook adapter is registered: coding agents' own tools are not stopped"),
        .absent("sandbox", "no sandboxed run is registered"),
        .absent("hosted", "no adapter is configured: a vendor's sessions go on"),
    ]
}
