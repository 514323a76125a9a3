import InterlockLedger
package import InterlockModel

/// The runs that have not ended, and the times at which to check them. Each run is in a queue at the time of its next
/// check; a new token only makes that check find the run still open.
///
/// A run is open until a check takes it, then ending until `settle` reports that it has ended or is open again. While
/// it is ending it gets no token.
package struct RunExpiryTable {
    private struct Entry {
        var term: RunExpiry
        var isRevoked = false
        var isEnding = false
    }
    /// A run that is about to end, with the cause for its record.
    struct Candidate {
        let run: RunID
        let agent: AgentName
        let cause: Cause
    }
    enum Cause: String {
        case expired, revoked
    }

    /// The time that a request admitted at the last moment has until its record or its refusal.
    static let settling = Duration.seconds(60)
    /// The time until the next check of a run that could not end: a call is open, or people still decide.
    static let patience = Duration.seconds(30)

    private var entries: [RunID: Entry] = [:]
    private var looks = RunExpiryQueue()

    init(_ found: [RunID: RunExpiry]) {
        for (run, term) in found { put(run, term) }
    }

    var count: Int { entries.count }
    /// The runs that continue.
    var runs: [RunID] { entries.filter { !$0.value.isRevoked && !$0.value.isEnding }.map(\.key) }

    /// Adds a token, before it is issued.
    /// - Returns: false while the run is ending.
    mutating func extend(_ run: RunID, of agent: AgentName, to end: Timestamp) -> Bool {
        guard let entry = entries[run] else {
            put(run, RunExpiry(agent: agent, until: end))
            return true
        }
        guard !entry.isEnding else { return false }
        entries[run]?.term.extend(to: end)
        return true
    }

    /// Adds a proven credential. An unknown run may have other credentials, all issued before now; so it is held open
    /// for the longest lifetime that one of them could have.
    mutating func meet(_ principal: Principal) {
        if entries[principal.run] != nil {
            entries[principal.run]?.term.extend(to: principal.expires)
        } else {
            let end = principal.expires + TokenLife.bounds.upperBound
            put(principal.run, RunExpiry(agent: principal.agent, until: end))
        }
    }

    /// Marks the run as revoked; none of its tokens is valid from now on.
    mutating func revoke(_ run: RunID, at now: Timestamp) {
        guard let entry = entries[run], !entry.isRevoked else { return }
        entries[run]?.isRevoked = true
        looks.add(run, at: now + Self.settling)
    }

    /// Returns the matching runs, unordered.
    package func runs(where isMeant: (RunID, AgentName) -> Bool) -> [RunID] {
        entries.filter { isMeant($0.key, $0.value.term.agent) }.map(\.key)
    }

    func all(where isMeant: (RunID, AgentName) -> Bool) -> [(run: RunID, agent: AgentName)] {
        entries.compactMap { run, entry in
            isMeant(run, entry.term.agent) ? (run, entry.term.agent) : nil
        }
    }

    /// Returns the runs of the agent that a token may still begin or continue, with the latest time of its end, the
    /// latest first.
    func tokenEnds(
        of agent: AgentName, after now: Timestamp
    ) -> [(run: RunID, until: Timestamp)] {
        entries.compactMap { run, entry in
            entry.term.agent == agent && !entry.isRevoked && now < entry.term.until
                ? (run, entry.term.until) : nil
        }.sorted { ($1.until, $1.run.text) < ($0.until, $0.run.text) }
    }

    /// Checks the runs that are due, and takes those that are over.
    /// - Parameter limit: the most runs that it checks.
    mutating func take(at now: Timestamp, limit: Int) -> [Candidate] {
        var taken: [Candidate] = []
        for _ in 0..<limit {
            guard let run = looks.next(at: now) else { break }
            guard let entry = entries[run], !entry.isEnding else { continue }
            let due = entry.term.end + Self.settling
            guard entry.isRevoked || due <= now else {
                looks.add(run, at: due)
                continue
            }
            entries[run]?.isEnding = true
            taken.append(
                Candidate(
                    run: run, agent: entry.term.agent,
                    cause: entry.isRevoked ? .revoked : .expired))
        }
        return taken
    }

    /// - Parameter ended: false if the end must be tried again.
    mutating func settle(_ run: RunID, ended: Bool, at now: Timestamp) {
        if ended {
            entries[run] = nil
        } else {
            entries[run]?.isEnding = false
            looks.add(run, at: now + Self.patience)
        }
    }

    private mutating func put(_ run: RunID, _ term: RunExpiry) {
        entries[run] = Entry(term: term)
        looks.add(run, at: term.end + Self.settling)
    }
}

/// The runs by the time of their next check: a binary heap, the earliest first.
private struct RunExpiryQueue {
    private var heap: [(at: Timestamp, run: RunID)] = []

    mutating func add(_ run: RunID, at time: Timestamp) {
        heap.append((time, run))
        var place = heap.count - 1
        while place > 0, heap[place].at < heap[(place - 1) / 2].at {
            heap.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    /// Removes and returns the earliest run, unless its time has not come.
    mutating func next(at now: Timestamp) -> RunID? {
        guard let first = heap.first, first.at <= now else { return nil }
        let last = heap.removeLast()
        guard !heap.isEmpty else { return first.run }
        heap[0] = last
        var place = 0
        while let child = earliestChild(of: place), heap[child].at < heap[place].at {
            heap.swapAt(place, child)
            place = child
        }
        return first.run
    }

    private func earliestChild(of place: Int) -> Int? {
        let left = 2 * place + 1
        guard left < heap.count else { return nil }
        let right = left + 1
        return right < heap.count && heap[right].at < heap[left].at ? right : left
    }
}
