package import InterlockModel

/// All that must be known of a log's past to go on writing it: where each run's chain goes on, and the
/// calls that are open. Kept beside the log, so that a start need not read its history.
package struct LogHeads: Sendable, Equatable {
    /// The next place of each run that has not ended.
    package private(set) var runs: [RunID: ChainLink] = [:]
    /// Until when the tokens of each of these can act.
    package private(set) var terms: [RunID: RunExpiry] = [:]
    /// The same of runs that have a token and no record yet.
    package private(set) var issued: [RunID: RunExpiry] = [:]
    package private(set) var ended: EndedRuns
    package private(set) var calls = OpenCalls()
    /// Whether the epoch has ended: nothing follows `log.closed`.
    package private(set) var isClosed = false
    /// Entries below this index are given up, and their bundles may be gone.
    package private(set) var minimum: UInt64 = 0

    package init(ended: EndedRuns = EndedRuns()) { self.ended = ended }

    init(
        runs: [RunID: ChainLink], terms: [RunID: RunExpiry], issued: [RunID: RunExpiry],
        ended: EndedRuns, calls: OpenCalls, isClosed: Bool, minimum: UInt64
    ) {
        self.runs = runs
        self.terms = terms
        self.issued = issued
        self.ended = ended
        self.calls = calls
        self.isClosed = isClosed
        self.minimum = minimum
    }

    /// Says where a run goes on of which nothing was seen yet.
    mutating func begin(_ run: RunID, at link: ChainLink) {
        if runs[run] == nil, link != .start { runs[run] = link }
    }

    package mutating func apply(_ move: HeadMove) {
        calls.apply(move.effect)
        switch move.effect {
        case .closesLog: isClosed = true
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
            // Those that nobody used in time leave memory.
            issued = issued.filter { $0.value.end > now }
            var longest = issued[run] ?? term
            longest.extend(to: term.until)
            issued[run] = longest
        }
    }
}

/// One record's step in the heads.
package struct HeadMove: Sendable {
    package let leaf: Digest
    /// The run whose chain the record joins.
    package let run: RunID?
    /// Whose run it is.
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

/// Runs to which nothing may be appended any more. Remembers the newest up to a limit; an older run
/// cannot come again, since its tokens ended long before.
package struct EndedRuns: Sendable, Equatable {
    private var known: Set<RunID> = []
    /// Oldest first, from `oldest` on.
    private var order: [RunID] = []
    private var oldest = 0
    private let limit: Int
    /// How many ended in all.
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

    /// Those still remembered, oldest first.
    var newest: ArraySlice<RunID> { order[oldest...] }

    package static func == (a: EndedRuns, b: EndedRuns) -> Bool { a.newest == b.newest }
}
