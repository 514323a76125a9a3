package import InterlockAlerts
package import InterlockModel

/// How the house stands at one moment, as far as one person sees it.
package struct GatewayStatus: Sendable {
    package let at: Timestamp
    /// Those with a call in flight, the newest first.
    package let runs: [RunStatus]
    /// All that have not ended, whether they do something or not.
    package let openRuns: Int
    package let callsInFlight: Int
    /// That wait for people; all of them.
    package let pending: Int
    /// The newest first.
    package let halts: [HaltOrder]
    /// That nobody has disposed of, the newest first; nil when they cannot be read.
    package let alarms: [RaisedAlert]?
    /// Alarms that are kept and cannot be read.
    package let unreadAlarms: Int
    package let hour: LastHour
    package let log: LogStatus
    /// Why calls that the policy allows are refused, and loops that do not come round.
    package let faults: [String]

    package init(
        at: Timestamp, runs: [RunStatus], openRuns: Int, callsInFlight: Int, pending: Int,
        halts: [HaltOrder], alarms: [RaisedAlert]?, unreadAlarms: Int = 0, hour: LastHour,
        log: LogStatus, faults: [String]
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
        self.log = log
        self.faults = faults
    }
}

/// A run that could be stopped (R114).
package struct RunStatus: Sendable, Hashable {
    package let run: RunID
    package let agent: AgentName
    package let owner: Person?
    package let purpose: String?
    /// Calls in flight.
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

/// The head of the log, and who else has seen it.
package struct LogStatus: Sendable {
    package struct Witness: Sendable, Hashable {
        package let name: String
        /// Since it last cosigned.
        package let secondsAgo: Int64
        package init(name: String, secondsAgo: Int64) {
            self.name = name
            self.secondsAgo = secondsAgo
        }
    }
    package let size: UInt64
    package let root: Digest
    /// The code with which permits are refused; nil when they are taken.
    package let refusing: String?
    /// Of those that have cosigned since the start; nil where no witness is configured.
    package let witnesses: [Witness]?

    package init(size: UInt64, root: Digest, refusing: String?, witnesses: [Witness]?) {
        self.size = size
        self.root = root
        self.refusing = refusing
        self.witnesses = witnesses
    }
}
