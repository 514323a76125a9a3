package import InterlockGovernor
import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPorts

/// Read access to the sessions of coding agents for pages, with visibility applied: they are seen with the runs that they
/// belong to. Each method has recorded the access before it returns.
package protocol HostQueries: Sendable {
    /// - Parameter before: `next` of the previous page, or nil for the first.
    func sessions(
        _ query: HostQuery, before: UInt64?, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> HostSessionListing
}

/// A person's query of sessions; a nil field does not restrict it.
package struct HostQuery: Sendable, Hashable {
    package var agent: String?
    package var run: RunID?

    package init(agent: String? = nil, run: RunID? = nil) {
        self.agent = agent
        self.run = run
    }
}

/// One page of sessions, those with the newest event first.
package struct HostSessionListing: Sendable {
    package var sessions: [HostSessionView]
    /// The cursor of the next page, or nil at the end.
    package let next: UInt64?
    /// The reason why sessions or events may be missing, or nil if there is none.
    package let fault: String?
    /// True if a run has more records than were read, so that counts are of the newest alone.
    package let isPartial: Bool

    package init(
        sessions: [HostSessionView], next: UInt64?, fault: String?, isPartial: Bool = false
    ) {
        self.sessions = sessions
        self.next = next
        self.fault = fault
        self.isPartial = isPartial
    }
}

/// Sessions of coding agents from the log: one search finds the newest records of hooks, and one for each of their runs what
/// the session did since.
package struct HostQueryService: Sendable {
    private let gateway: Gateway
    private let log: any RecordLog
    private let logReader: AccessRecorder
    private let looks: LogAccessLimiter

    /// The records of hooks and the runs of one page, and the newest records that are read of one of many runs, or of one
    /// alone.
    private static let (mostEvents, mostRuns, mostOfEach, mostOfOne) = (50, 10, 50, 500)

    package init(gateway: Gateway, log: any RecordLog, looks: LogAccessLimiter) {
        self.gateway = gateway
        self.log = log
        self.looks = looks
        logReader = AccessRecorder(ExportRecorder(gateway))
    }

    /// Returns the filter for the records of hooks that are visible to this person.
    private func filter(_ query: HostQuery, for visibility: Visibility) -> RecordFilter {
        var filter = RecordFilter()
        filter.type = RecordType.hookSession.rawValue
        filter.run = query.run?.text
        filter.agents = query.agent.map { [$0] }
        if !visibility.seesAll { filter.narrow(to: Set(visibility.own.map(\.text))) }
        return filter
    }

    private func page(
        _ query: HostQuery, before: UInt64?, for visibility: Visibility
    ) async throws(EvidenceRefusal) -> HostSessionListing {
        let filter = filter(query, for: visibility)
        guard filter.agents?.isEmpty != true else {
            return HostSessionListing(sessions: [], next: nil, fault: nil)
        }
        let found = try await log.search(filter, before: before, limit: Self.mostEvents)
        let pick = EventPick(found, mostRuns: Self.mostRuns, visibility)
        var fault = found.shortcoming ?? found.unproved
        var sessions: [HostSessionView] = []
        var isPartial = false
        for run in pick.runs {
            var ofRun = RecordFilter()
            ofRun.run = run.text
            let all = try await log.search(
                ofRun, before: nil, limit: query.run == nil ? Self.mostOfEach : Self.mostOfOne)
            fault = fault ?? all.shortcoming ?? all.unproved
            isPartial = isPartial || all.next != nil
            sessions += collected(all.proved + pick.events, of: run, visibility)
        }
        // A session whose newest `hook.session` is not before the cursor was on a page before this one.
        if let before { sessions.removeAll { $0.newestOfSession >= before } }
        return HostSessionListing(
            sessions: sessions.sorted { $0.newest > $1.newest }, next: pick.next, fault: fault,
            isPartial: isPartial)
    }

    private func collected(
        _ records: [VerifiedRecord], of run: RunID, _ visibility: Visibility
    ) -> [HostSessionView] {
        var ordered: [VerifiedRecord] = []
        for record in records.sorted(by: { $0.index < $1.index })
        where (record.run == run || record.record.text("ofrun") == run.text)
            && ordered.last?.index != record.index
            && record.agent.map(visibility.sees) == true
        {
            ordered.append(record)
        }
        var sessions = HostSessionCollector(ordered).sessions
        let isOver =
            gateway.ledger.hasEnded(run: run)
            || ordered.contains { $0.record.type == RecordType.runEnd.rawValue }
        for place in sessions.indices {
            sessions[place].health = sessions[place].health(
                at: gateway.clock.wall, isOver: isOver)
        }
        return sessions
    }
}

extension HostQueryService: HostQueries {
    package func sessions(
        _ query: HostQuery, before: UInt64?, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> HostSessionListing {
        let look = try looks.begin(.page, by: reader)
        defer { look.end() }
        let listing = try await page(query, before: before, for: reader.visibility)
        var asked: JSONObject = ["type": .string(RecordType.hookSession.rawValue)]
        asked["agent"] = query.agent.map(JSONValue.string)
        asked["run"] = query.run.map { .string($0.text) }
        asked["before"] = before.map { .string(String($0)) }
        try await logReader.record(.query, count: listing.sessions.count, asked, by: reader)
        return listing
    }
}

/// The records of hooks of one page, and the runs that they are of, newest first.
private struct EventPick {
    private(set) var events: [VerifiedRecord] = []
    private(set) var runs: [RunID] = []
    private(set) var next: UInt64?

    init(_ found: RecordFinding, mostRuns: Int, _ visibility: Visibility) {
        next = found.next
        for record in found.proved {
            guard let run = record.run, let agent = record.agent, visibility.sees(agent) else {
                continue
            }
            if !runs.contains(run) {
                guard runs.count < mostRuns else {
                    next = record.index + 1
                    return
                }
                runs.append(run)
            }
            events.append(record)
        }
    }
}

extension RecordFinding {
    fileprivate var proved: [VerifiedRecord] {
        rows.compactMap { if case .proved(let record) = $0 { record } else { nil } }
    }

    /// The sentence about records that the index names and the log does not confirm; nil if there is none.
    fileprivate var unproved: String? {
        let count = rows.count - proved.count
        return count > 0 ? "\(count) records that the index names are not proved" : nil
    }
}
