/// The results of one class of enforcement points in a drill.
package struct DrillPoint: Hashable, Sendable {
    /// The class: `gateway`, `http`, `stdio`, `relay` or `sandbox`.
    package let pointClass: String
    /// The time from the order to the point's acknowledgement.
    package let acknowledgedMilliseconds: Int64
    /// The time from the order to the last call that reached the counting server; 0 if no call followed the order.
    package let lastMilliseconds: Int64
    /// The number of calls that the counting server received before the order.
    package let callsBefore: Int64
    /// The number of calls that it received after the acknowledgement; any such call is a violation.
    package let callsAfter: Int64
    /// The number of responses to the canary after the acknowledgement that were not refusals by the kill switch.
    package let answersAfter: Int64
    package let cancelled: Int64
    package let unknown: Int64
    /// True if the point acknowledged the halt with no call left in flight.
    package let isConfirmed: Bool
    /// True if the canary's calls arrived again after the release.
    package let ranAgain: Bool

    package init(
        pointClass: String, acknowledgedMilliseconds: Int64, lastMilliseconds: Int64,
        callsBefore: Int64, callsAfter: Int64, answersAfter: Int64, cancelled: Int64,
        unknown: Int64, isConfirmed: Bool, ranAgain: Bool
    ) {
        self.pointClass = pointClass
        self.acknowledgedMilliseconds = acknowledgedMilliseconds
        self.lastMilliseconds = lastMilliseconds
        self.callsBefore = callsBefore
        self.callsAfter = callsAfter
        self.answersAfter = answersAfter
        self.cancelled = cancelled
        self.unknown = unknown
        self.isConfirmed = isConfirmed
        self.ranAgain = ranAgain
    }
}

/// The kind of a drill (docs/specs/kill-switch.md, section 10), limited to those that one node can perform.
package enum DrillVariant: String, Sendable, CaseIterable {
    case standard
    /// The order is the administrator's file.
    case rootFile = "root_file"
    /// The clock steps forward by an hour and back while the halt is active.
    case clockStep = "clock_step"
    /// The order is signed by a key that has expired.
    case expiredKey = "expired_key"
    /// A thousand runs are in flight.
    case thousandRuns = "thousand_runs"
    /// The store does not answer while the halt is ordered.
    case storeStopped = "store_stopped"

    /// The gateway that the drill rehearses. Agents would feel the administrator's file, another time, a store that is down and a
    /// thousand calls, so these need a gateway of their own.
    package var subject: DrillReport.Subject {
        switch self {
        case .standard, .expiredKey: .gateway
        case .rootFile, .clockStep, .thousandRuns, .storeStopped: .copy
        }
    }
}

/// The facts of one drill, as the node signs them. They determine whether the drill passed.
package struct DrillReport: Hashable, Sendable {
    package struct Bounds {
        /// The maximum time from the received order to the last dispatch, on one node.
        package static let nodeMilliseconds: Int64 = 100
        /// The maximum time from the received order until nothing of a sandboxed run is left.
        package static let sandboxMilliseconds: Int64 = 1000
    }

    /// The gateway that was rehearsed.
    package enum Subject: String, Sendable, CaseIterable {
        /// The gateway that runs: its pipeline, policies, log, halts, servers and tokens.
        case gateway
        /// A second one of the same code in its process, with a log and halts of its own.
        case copy

        package var words: String {
            switch self {
            case .gateway: "the gateway that runs"
            case .copy: "a second gateway in its process, because agents would feel it"
            }
        }
    }

    package let id: OrderID
    package let variant: DrillVariant
    package let org: String
    package let node: String
    package let started: Timestamp
    package let ended: Timestamp
    package let version: String
    package let policy: Digest
    /// The classes of points in this deployment; each must have a canary.
    package let classes: [String]
    package let points: [DrillPoint]
    /// The number of intents of the canaries' calls. `outcomes` is the number of records that end them.
    package let intents: Int64
    package let outcomes: Int64
    package let secondHaltChanged: Bool
    package let oneSignatureReleased: Bool
    package let releaseMilliseconds: Int64
    /// Further failures, one sentence each.
    package let faults: [String]
    /// The initiator: `auto`, `operator` for the command line, or the pseudonym of the person who started it on its page.
    package let runBy: String
    /// The origin of the log. `root` is its root hash before the drill.
    package let origin: String
    package let root: Digest
    package let subject: Subject

    package init(
        id: OrderID, variant: DrillVariant, org: String, node: String, started: Timestamp,
        ended: Timestamp, version: String, policy: Digest, classes: [String],
        points: [DrillPoint], intents: Int64, outcomes: Int64, secondHaltChanged: Bool,
        oneSignatureReleased: Bool, releaseMilliseconds: Int64, faults: [String], runBy: String,
        origin: String, root: Digest, subject: Subject
    ) {
        self.id = id
        self.variant = variant
        self.org = org
        self.node = node
        self.started = started
        self.ended = ended
        self.version = version
        self.policy = policy
        self.classes = classes
        self.points = points
        self.intents = intents
        self.outcomes = outcomes
        self.secondHaltChanged = secondHaltChanged
        self.oneSignatureReleased = oneSignatureReleased
        self.releaseMilliseconds = releaseMilliseconds
        self.faults = faults
        self.runBy = runBy
        self.origin = origin
        self.root = root
        self.subject = subject
    }

    /// The classes without a confirmed point.
    package var missed: [String] {
        let confirmed = Set(points.filter(\.isConfirmed).map(\.pointClass))
        return classes.filter { !confirmed.contains($0) }
    }

    package var passed: Bool { failures.isEmpty }

    /// The reasons for which the drill failed, each with its class; empty if it passed.
    package var failures: [String] {
        var failures = faults + missed.map { "\($0): not confirmed" }
        if classes.isEmpty { failures.append("no class of points has a canary") }
        for point in points {
            func fail(_ why: String) { failures.append("\(point.pointClass): \(why)") }
            if point.callsBefore == 0 { fail("no call arrived before the order") }
            if point.callsAfter > 0 { fail("\(point.callsAfter) calls arrived after the answer") }
            if point.answersAfter > 0 {
                fail("\(point.answersAfter) calls were answered after the answer")
            }
            if point.lastMilliseconds > Bounds.nodeMilliseconds {
                fail("the last call came \(point.lastMilliseconds) ms after the order")
            }
            if point.pointClass == CanaryNames.sandboxClass,
                point.acknowledgedMilliseconds > Bounds.sandboxMilliseconds
            {
                fail("the run had ended \(point.acknowledgedMilliseconds) ms after the order")
            }
            if !point.ranAgain { fail("no call arrived after the release") }
        }
        if intents != outcomes { failures.append("\(intents) calls have \(outcomes) outcomes") }
        if secondHaltChanged { failures.append("a second order while halted changed something") }
        if oneSignatureReleased { failures.append("a release by one person took effect") }
        return failures
    }
}
