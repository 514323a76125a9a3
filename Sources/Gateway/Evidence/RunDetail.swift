package import InterlockGovernor
package import InterlockLedger
package import InterlockModel
package import InterlockPorts

/// The start of a run, and the tally of its calls.
package struct RunStart: Sendable {
    /// The first record of the run that the log still has; without a row if there is no such record.
    package let first: RecordFinding
    /// Is nil if the index has no entry for the run.
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
    /// The start, taken from the run's id.
    package let since: Timestamp
    /// Is nil while the index cannot provide it.
    package let tally: RunTally?
    package let inFlight: Int
    package let state: State
    /// Is nil for a run that has ended.
    package var activity: RunActivity?

    /// The halt that stops it.
    package var halt: OrderID? { if case .halted(let id) = state { id } else { nil } }
}

/// One page of runs, in the order of the query.
package struct RunListing: Sendable {
    package let runs: [RunSummary]
    /// The indexes of run records that the index names and the log does not confirm.
    package let unproved: [UInt64]
    /// The cursor of the next page of this list only, or nil at the end.
    package let next: String?
    package let fault: String?
}

/// The events of a run, in order (R0).
package struct RunSteps: Sendable {
    package var steps: [RunStep]
    /// The sentences that describe gaps and breaks in the chain of the events found.
    package let faults: [String]
    /// The first step of the next page, or nil at the end.
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
    /// True if this person may see payloads and records.
    package let reads: Bool
}

/// The extent of a replay (docs/specs/ledger.md, section 15).
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
