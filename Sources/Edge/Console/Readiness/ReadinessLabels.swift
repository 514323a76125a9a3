import InterlockMarkup
import InterlockModel
import InterlockTrust

/// The checks of readiness in words for people.
enum ReadinessLabels {
    static func name(_ check: ReadinessCheck) -> String {
        switch check {
        case .scopes: "Scopes"
        case .log: "Audit log"
        case .approvals: "Approval gates"
        case .owner: "Owner"
        case .purpose: "Purpose"
        case .eval: "Evals"
        case .review: "Governance review"
        case .drill: "Kill drill"
        case .selfTest: "Self-test"
        case .credentials: "Credentials"
        case .sandbox: "Sandbox"
        case .controls: "Controls"
        case .status: "Three questions"
        case .incidents: "Incidents"
        }
    }

    /// The demand, as a sentence without a full stop.
    static func demand(_ check: ReadinessCheck) -> String {
        switch check {
        case .scopes: "Each agent reaches what a reviewed policy grants, and each tool has a class"
        case .log: "A witness outside the gateway verifies the audit log each day"
        case .approvals: "A call that needs people runs only as they approved it, and once"
        case .owner: "Each agent has an owner, who confirmed it in the last 30 days"
        case .purpose: "Each agent has a declared purpose"
        case .eval: "Each agent was tested as it is, and passed"
        case .review: "A named person reviews what the agents did, on time"
        case .drill: "The kill switch is rehearsed, on time"
        case .selfTest: "Forbidden calls are tried each day, and refused"
        case .credentials: "Each agent has credentials of its own"
        case .sandbox: "An agent that must run in a sandbox does"
        case .controls: "No control has a gap"
        case .status: "What an agent may do, how that is enforced and what it did is known"
        case .incidents: "No severe incident is open"
        }
    }

    /// The point of the gateway that enforces it, without a full stop.
    static func enforcement(_ check: ReadinessCheck) -> String {
        switch check {
        case .scopes: "Each call is decided by the policy; what it does not grant is denied"
        case .log: "No call leaves before its record is durable; witnesses cosign the log"
        case .approvals: "The gateway holds the call, and compares what runs with what was approved"
        case .owner: "The stage of an agent without one is 0; no promotion without a confirmation"
        case .purpose: "The policy is refused, or holds the agent at observe"
        case .eval: "The change gate refuses the calls of an agent whose result does not count"
        case .review: "The stage falls to 0 and the agent to reads 14 days after the date"
        case .drill: "Each agent falls one stage 14 days after the date"
        case .selfTest: "A failed or overdue self-test raises an alert, and no promotion is taken"
        case .credentials: "The gateway adds a credential to the call; no agent holds one"
        case .sandbox: "The launcher attests the run, and a run without it has stage 1 at most"
        case .controls: "No promotion is taken for an agent at tier high"
        case .status: "No promotion is taken while anything is unknown"
        case .incidents: "An incident of severity 1 or 2 demotes the agent"
        }
    }

    static func badge(_ state: ReadinessResult.State) -> HTML {
        switch state {
        case .ok: InterlockMarkup.badge("ok", .good)
        case .missing: InterlockMarkup.badge("missing", .bad)
        case .unknown: InterlockMarkup.badge("unknown", .unknown)
        }
    }

    /// The status of a page or a card. It is good only if each check is.
    static func status(_ readiness: Readiness) -> (kind: StatusBadge.Kind, words: String) {
        guard !readiness.isReady else { return (.working, "Ready") }
        let missing = readiness.results.count { $0.state == .missing }
        let unknown = readiness.results.count { $0.state == .unknown }
        guard missing + unknown > 0 else { return (.unknown, "Unknown") }
        let parts = [
            missing > 0 ? "\(missing) missing" : nil, unknown > 0 ? "\(unknown) unknown" : nil,
        ].compactMap(\.self)
        return (
            missing > 0 ? .attention : .unknown, "Not ready: " + parts.joined(separator: ", ")
        )
    }
}

extension ReadinessResult {
    /// The state, and the command that mends it.
    @HTMLBuilder var stateCell: [HTML] {
        ReadinessLabels.badge(state)
        if let remedy {
            " "
            element(.code, .text(.copied, remedy)) { SafeLine.text(remedy) }
        }
    }

    /// The finding, and the records that it was computed from.
    @HTMLBuilder var evidenceCell: [HTML] {
        SafeText.own(text)
        for leaf in leaves.prefix(Self.mostLeaves) {
            " "
            Shape.digest(leaf.prefixed)
        }
        if leaves.count > Self.mostLeaves { " and \(leaves.count - Self.mostLeaves) more records" }
    }

    private static let mostLeaves = 3
}
