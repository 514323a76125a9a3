package import InterlockAlerts
package import InterlockModel

/// The status of the gateway at one moment; runs and alerts are limited to those that one person sees.
package struct GatewayStatus: Sendable {
    package let at: Timestamp
    /// The runs with a call in flight, newest first.
    package let runs: [RunStatus]
    /// The number of runs that have not ended, active or not.
    package let openRuns: Int
    package let callsInFlight: Int
    /// The number of approval requests that wait for people, visible or not.
    package let pending: Int
    /// The halts in force, newest first.
    package let halts: [HaltOrder]
    /// The alerts without a disposition, newest first; nil if they cannot be read.
    package let alarms: [RaisedAlert]?
    /// The number of stored alerts that cannot be read.
    package let unreadAlarms: Int
    package let hour: LastHour
    /// The halts that were in force within `hour`, oldest first, also those that have ended; without those of drills.
    package let haltSpans: [HaltSpan]
    package let log: LogStatus
    /// The reasons why calls that the policy allows are refused, and the loops that are stuck.
    package let faults: [String]
    /// The checks of its parts.
    package let checks: [HealthCheck]

    package init(
        at: Timestamp, runs: [RunStatus], openRuns: Int, callsInFlight: Int, pending: Int,
        halts: [HaltOrder], alarms: [RaisedAlert]?, unreadAlarms: Int = 0, hour: LastHour,
        haltSpans: [HaltSpan] = [], log: LogStatus, faults: [String], checks: [HealthCheck]
    ) {
        self.at = at
        self.runs = runs
        self.openRuns = openRuns
        self.callsInFlight = callsInFlight
        self.pending = pending
        self.halts = halts
        self.alarms = alarms
        self.unreadAlarms = unreadAlarms
        self.hour = hour
        self.haltSpans = haltSpans
        self.log = log
        self.faults = faults
        self.checks = checks
    }
}

/// A run that can be stopped (R114).
package struct RunStatus: Sendable, Hashable {
    package let run: RunID
    package let agent: AgentName
    package let owner: Person?
    package let purpose: String?
    /// The number of calls in flight.
    package let calls: Int
    /// The halt that stops it.
    package let halt: OrderID?

    package init(
        run: RunID, agent: AgentName, owner: Person?, purpose: String?, calls: Int, halt: OrderID?
    ) {
        self.run = run
        self.agent = agent
        self.owner = owner
        self.purpose = purpose
        self.calls = calls
        self.halt = halt
    }
}

/// The head of the log, and the witnesses that have seen it.
package struct LogStatus: Sendable {
    package struct LatestCosignature: Sendable, Hashable {
        package let name: String
        /// The time since it last cosigned.
        package let secondsAgo: Int64
        package init(name: String, secondsAgo: Int64) {
            self.name = name
            self.secondsAgo = secondsAgo
        }
    }
    package let size: UInt64
    package let root: Digest
    /// The code with which permits are refused, or nil if they are accepted.
    package let refusing: String?
    /// The witnesses that have cosigned since the start; nil if no witness is configured.
    package let witnesses: [LatestCosignature]?

    package init(size: UInt64, root: Digest, refusing: String?, witnesses: [LatestCosignature]?) {
        self.size = size
        self.root = root
        self.refusing = refusing
        self.witnesses = witnesses
    }
}
