package import InterlockLedger
package import InterlockModel
package import InterlockPorts

/// How a run began, and how much was called in it.
package struct RunStart: Sendable {
    /// Its first record that is left; no row where there is none.
    package let first: RecordFinding
    /// nil where the index has nothing of it.
    package let tally: RunTally?

    package init(first: RecordFinding, tally: RunTally?) {
        self.first = first
        self.tally = tally
    }
}

/// One run of a list (R114).
package struct RunSummary: Sendable {
    package enum State: Sendable, Hashable {
        case open
        case halted(OrderID)
        case ended
    }

    package let run: RunID
    package let agent: AgentName
    package let owner: Person?
    package let purpose: String?
    package let subject: Pseudonym?
    /// By its id.
    package let since: Timestamp
    /// nil while the index cannot say.
    package let tally: RunTally?
    package let inFlight: Int
    package let state: State

    /// The halt that stops it.
    package var halt: OrderID? { if case .halted(let id) = state { id } else { nil } }

    package init(
        run: RunID, agent: AgentName, owner: Person?, purpose: String?, subject: Pseudonym?,
        since: Timestamp, tally: RunTally?, inFlight: Int, state: State
    ) {
        self.run = run
        self.agent = agent
        self.owner = owner
        self.purpose = purpose
        self.subject = subject
        self.since = since
        self.tally = tally
        self.inFlight = inFlight
        self.state = state
    }
}

/// One page of runs, the newest first.
package struct RunListing: Sendable {
    package let runs: [RunSummary]
    /// Records of runs that the index names and the log does not bear out.
    package let unproved: [UInt64]
    /// Where the list goes on, of this list alone; nil at the end.
    package let next: String?
    package let fault: String?

    package init(runs: [RunSummary], unproved: [UInt64], next: String?, fault: String?) {
        self.runs = runs
        self.unproved = unproved
        self.next = next
        self.fault = fault
    }
}

/// What happened in a run, in order (R0).
package struct RunSteps: Sendable {
    package var steps: [RunStep]
    /// Each sentence tells of a hole or a break in the chain of what was found.
    package let faults: [String]
    /// The step to go on with; nil at the end.
    package let next: Int?

    package init(steps: [RunStep], faults: [String], next: Int?) {
        self.steps = steps
        self.faults = faults
        self.next = next
    }
}

/// A run as one person sees it.
package struct RunDetail: Sendable {
    package let line: RunSummary
    package let steps: RunSteps
    /// Whether payloads and records are for this person.
    package let reads: Bool

    package init(line: RunSummary, steps: RunSteps, reads: Bool) {
        self.line = line
        self.steps = steps
        self.reads = reads
    }
}

/// How much of what happened is done again (specs of the ledger, section 15).
package enum ReplayLevel: String, Sendable, CaseIterable {
    case timeline = "R0"
    case decisions = "R1"
}

package enum ReplayReport: Sendable {
    case timeline([RunStep])
    case decisions(DecisionsReport)

    package var count: Int {
        switch self {
        case .timeline(let steps): steps.count
        case .decisions(let report): report.decisions.count
        }
    }
}
