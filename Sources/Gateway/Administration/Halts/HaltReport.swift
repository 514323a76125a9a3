import InterlockGovernor
package import InterlockJSON
package import InterlockModel
package import InterlockPorts
import Synchronization

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

    /// True for a sandboxed run that was to end.
    var isSandbox: Bool { point.hasPrefix("sandbox/") }

    /// A report for a kind of point that does not exist.
    static func absent(_ kind: String, _ note: String) -> PointReport {
        var report = PointReport(point: kind, state: .notPresent)
        report.note = note
        return report
    }
}

/// The extent of a halt: the state of each enforcement point and of each call that was cut.
///
/// INVARIANT: a halt's report names what did not stop; an unknown state is not confirmed. Kept by `HaltSignTests`,
/// `HaltTests`, `test_kill_load.py`.
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
    /// The kinds of enforcement point whose effect no report can confirm; every report lists them.
    static let absent: [PointReport] = [
        .absent(
            "hook",
            "hooks ask the gateway and stop with it; a coding agent without hooks is not stopped"),
        .absent("sandbox", "no other sandboxed run is registered"),
        .absent("hosted", "no adapter is configured: sessions at vendors are not stopped"),
    ]
}

extension EndingSandboxes {
    /// The entry of each run in the report of a halt.
    var points: [PointReport] {
        all.map { run, stop in
            var point = PointReport(point: "sandbox/\(run.text)", state: stop.state)
            switch stop {
            case .pending: point.left = 1
            case .reported(let duration, let left):
                (point.duration, point.left) = (duration, left)
            case .expired(let duration): point.duration = duration
            }
            return point
        }
    }
}

extension EndingSandboxes.Stop {
    fileprivate var state: PointReport.State {
        switch self {
        case .pending: .notConfirmed
        case .reported(_, let left): left == 0 ? .confirmed : .notConfirmed
        case .expired: .expired
        }
    }
}

/// A call that was in flight when the halt took effect.
package struct CutCall: Sendable {
    package let call: CallID
    package let address: ToolAddress
    package let sent: Timestamp
    private let token: CancelToken

    init(_ entry: InFlightTable.Entry) {
        call = entry.call
        address = entry.address
        sent = entry.since.wall
        token = entry.cancel
    }

    /// Is nil while the call has not ended.
    package var end: CutEnd? { token.end }
}

/// The JSON form (docs/specs/kill-switch.md, section 9) for `kill --json`, the API and the console.
extension HaltReport {
    package var json: JSONValue {
        [
            "halt": .string(order.id.text), "scope": .string(order.target.scope),
            "target": .string(order.target.target), "epoch": .integer(epoch),
            "ordered": .string(order.at.rfc3339(fractionDigits: 3)),
            "state": .string(state.rawValue), "points": .array(points.map(\.json)),
            "manual": .array(
                manual.map { cut in
                    [
                        "call": .string(cut.call.text), "tool": .string(cut.address.description),
                        "sent": .string(cut.sent.rfc3339(fractionDigits: 3)),
                    ]
                }), "violations": .array(violations.map { .string($0.text) }),
        ]
    }
}

extension PointReport {
    package var json: JSONValue {
        var object: JSONObject = ["point": .string(point), "state": .string(state.rawValue)]
        object["note"] = note.map(JSONValue.string)
        guard state != .notPresent else { return .object(object) }
        object["ms"] = .integer(duration.microseconds / 1000)
        object["denied"] = .integer(Int64(denied))
        object["cancelled"] = .integer(Int64(cancelled))
        object["unknown"] = .integer(Int64(unknown))
        object["left"] = .integer(Int64(left))
        return .object(object)
    }
}

extension HaltService {
    /// The halts in force and the enforcement points.
    package var status: JSONValue {
        let active = gateway.halts.halts.active.values.sorted { $0.id.text < $1.id.text }
        return [
            "epoch": .integer(epoch), "node": .string(node), "points": .array(points.map(\.json)),
            "halts": .array(
                active.map { halt in
                    [
                        "id": .string(halt.id.text), "scope": .string(halt.target.scope),
                        "target": .string(halt.target.target), "reason": .string(halt.reason),
                        "at": .string(halt.at.rfc3339(fractionDigits: 3)),
                    ]
                }),
        ]
    }
}

extension ReleaseDraft.Progress {
    package var json: JSONValue {
        switch self {
        case .waiting(let have, let need):
            ["state": "waiting", "have": .integer(Int64(have)), "need": .integer(Int64(need))]
        case .ready: ["state": "released"]
        case .expired: ["state": "expired"]
        }
    }
}
