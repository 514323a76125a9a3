package import InterlockModel

/// The state that is needed to continue writing a log: the next position of each run's chain, and the open calls. It is
/// stored with the log, so that a start need not read the history.
package struct LogHeads: Sendable, Equatable {
    /// The next position of each run that has not ended.
    package private(set) var runs: [RunID: ChainLink] = [:]
    /// The time until which the tokens of each of these runs are valid.
    package private(set) var terms: [RunID: RunExpiry] = [:]
    /// The same for runs that have a token but no record yet.
    package private(set) var issued: [RunID: RunExpiry] = [:]
    package private(set) var ended: EndedRuns
    package private(set) var calls = OpenCalls()
    /// True if the epoch has ended; no record may follow `log.closed`.
    package private(set) var isClosed = false
    /// The minimum index: entries below it are pruned, and their bundles may be absent.
    package private(set) var minimum: UInt64 = 0

    /// True if the last `log.full` was not its `clear`.
    package private(set) var isDiskFull = false

    package init(ended: EndedRuns = EndedRuns()) { self.ended = ended }

    init(
        runs: [RunID: ChainLink], terms: [RunID: RunExpiry], issued: [RunID: RunExpiry],
        ended: EndedRuns, calls: OpenCalls, isClosed: Bool, isDiskFull: Bool,
        minimum: UInt64
    ) {
        self.runs = runs
        self.terms = terms
        self.issued = issued
        self.ended = ended
        self.calls = calls
        self.isClosed = isClosed
        self.isDiskFull = isDiskFull
        self.minimum = minimum
    }

    /// Sets the position of a run of which no record has been applied.
    mutating func begin(_ run: RunID, at link: ChainLink) {
        if runs[run] == nil, link != .start { runs[run] = link }
    }

    package mutating func apply(_ move: HeadMove) {
        calls.apply(move.effect, at: move.at)
        switch move.effect {
        case .closesLog: isClosed = true
        case .fillsDisk(let isFull): isDiskFull = isFull
        case .prunes(let index): minimum = max(minimum, index)
        case .issuesToken(let run, let term): issue(run, term, at: move.at)
        default: break
        }
        guard let run = move.run else { return }
        if move.effect == .endsRun {
            runs[run] = nil
            terms[run] = nil
            issued[run] = nil
            ended.insert(run)
        } else {
            runs[run, default: .start].follow(move.leaf)
            guard terms[run] == nil, let agent = move.agent else { return }
            terms[run] =
                issued.removeValue(forKey: run) ?? RunExpiry(agent: agent, firstRecord: move.at)
        }
    }

    private mutating func issue(_ run: RunID, _ term: RunExpiry, at now: Timestamp) {
        guard !ended.contains(run) else { return }
        if terms[run] != nil {
            terms[run]?.extend(to: term.until)
        } else {
            // Terms that expired before a first record are removed from memory.
            issued = issued.filter { $0.value.end > now }
            var longest = issued[run] ?? term
            longest.extend(to: term.until)
            issued[run] = longest
        }
    }
}

/// The change of the heads by one record.
package struct HeadMove: Sendable {
    package let leaf: Digest
    /// The run whose chain the record joins, or nil if it joins none.
    package let run: RunID?
    /// The agent of the run.
    package let agent: AgentName?
    package let at: Timestamp
    package let effect: RecordEffect

    package init(
        leaf: Digest, run: RunID?, agent: AgentName?, at: Timestamp, effect: RecordEffect
    ) {
        self.leaf = leaf
        self.run = run
        self.agent = agent
        self.at = at
        self.effect = effect
    }
}

/// The runs to which no record may be appended. The newest are remembered up to a limit; an older run cannot occur
/// again, because its tokens expired long before.
package struct EndedRuns: Sendable, Equatable {
    private var known: Set<RunID> = []
    /// The remembered runs, oldest first, starting at index `oldest`.
    private var order: [RunID] = []
    private var oldest = 0
    private let limit: Int
    /// The total number of ended runs.
    package private(set) var count = 0

    package static let remembered = 65_536

    package init(limit: Int = EndedRuns.remembered) { self.limit = limit }

    package func contains(_ run: RunID) -> Bool { known.contains(run) }

    package mutating func insert(_ run: RunID) {
        guard known.insert(run).inserted else { return }
        count += 1
        order.append(run)
        guard order.count - oldest > limit else { return }
        known.remove(order[oldest])
        oldest += 1
        if oldest > limit {
            order.removeFirst(oldest)
            oldest = 0
        }
    }

    /// The runs that are still remembered, oldest first.
    var newest: ArraySlice<RunID> { order[oldest...] }

    package static func == (a: EndedRuns, b: EndedRuns) -> Bool { a.newest == b.newest }
}
