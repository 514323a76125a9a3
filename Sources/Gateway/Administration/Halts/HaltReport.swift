package import InterlockModel
import InterlockPorts

/// What one enforcement point says of a halt (specs of the kill switch, section 9).
package struct PointReport: Sendable {
    package enum State: String, Sendable {
        /// In force, and nothing is left.
        case confirmed
        /// Silent, and all its leases have run out, so it refuses by itself.
        case expired
        /// It answered, and something is left.
        case notConfirmed = "not_confirmed"
        case notReached = "not_reached"
        /// No such point exists in this deployment: nothing there was stopped by this halt.
        case notPresent = "not_present"

        /// Whether nothing acts there any more.
        var isStopped: Bool { self == .confirmed || self == .expired }
    }

    package let point: String
    package let state: State
    package var duration: Duration = .zero
    /// Requests refused between the order and this report.
    package var denied = 0
    /// Calls in flight that were cut and are known to have done nothing, or to be answered.
    package var cancelled = 0
    /// The same of which nobody knows what their servers did.
    package var unknown = 0
    /// Calls that have not ended, and children that are not gone.
    package var left = 0
    package var note: String?

    package init(point: String, state: State) {
        self.point = point
        self.state = state
    }

    /// A kind of point of which there is none.
    static func absent(_ kind: String, _ note: String) -> PointReport {
        var report = PointReport(point: kind, state: .notPresent)
        report.note = note
        return report
    }
}

/// What a halt reached, to be said honestly.
package struct HaltReport: Sendable {
    package enum State: String, Sendable {
        case halted
        /// Something was not confirmed, or is not known.
        case incomplete
        /// No point is registered at all: that is no success.
        case notReached = "not_reached"
    }

    package let order: HaltOrder
    package let epoch: Int64
    package var points: [PointReport]
    /// Calls in flight that the halt cut.
    package let cutCalls: [CutCall]
    /// Of those, the ones that had not ended in time.
    package var left: [CallID]
    /// Whether the order's file is on disk.
    package let isDurable: Bool
    package var duration: Duration
    /// Calls that were sent all the same after the point had answered.
    package var violations: [CallID] = []

    package var cut: Int { cutCalls.count }
    /// What a person has to look at: what their servers did is not undone by a cancellation.
    package var manual: [CutCall] {
        cutCalls.filter { left.contains($0.call) || $0.end == .unknown }
    }

    package var state: State {
        let registered = points.filter { $0.state != .notPresent }
        guard !registered.isEmpty else { return .notReached }
        return missed == 0 && manual.isEmpty && violations.isEmpty ? .halted : .incomplete
    }
    /// Every point has confirmed, and what became of each call is known.
    package var isConfirmed: Bool { state == .halted }
    package var missed: Int {
        points.count { $0.state != .notPresent && !($0.state.isStopped && $0.left == 0) }
    }
}

extension HaltReport {
    /// What this version has no enforcement point for; each is said in every report.
    static let absent: [PointReport] = [
        .absent("hook", "no hook adapter is registered: coding agents' own tools are not stopped"),
        .absent("sandbox", "no sandboxed run is registered"),
        .absent("hosted", "no adapter is configured: a vendor's sessions go on"),
    ]
}
