package import InterlockGovernor
import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPolicy
import InterlockPorts

/// Runs for readers on the people plane. Open runs come from this process's memory, everything else from the log.
package struct RunQueryService: Sendable {
    private let gateway: Gateway
    private let records: any RecordLog
    private let log: any RunLog
    private let logReader: AccessRecorder
    private let looks: LogAccessLimiter

    package init(gateway: Gateway, records: any RecordLog, log: any RunLog, looks: LogAccessLimiter)
    {
        self.gateway = gateway
        self.looks = looks
        self.records = records
        self.log = log
        logReader = AccessRecorder(ExportRecorder(gateway))
    }

    /// Returns the filter for the start records of the requested runs that are visible to this person.
    private func filter(_ query: RunQuery, for visibility: Visibility) -> RecordFilter {
        var filter = RecordFilter()
        filter.type = RecordType.runStart.rawValue
        filter.agents = query.agent.map { [$0] }
        if let owner = query.owner {
            filter.narrow(to: gateway.policy.snapshot.names(ofAgentsOf: owner))
        }
        if !visibility.seesAll { filter.narrow(to: Set(visibility.own.map(\.text))) }
        return filter
    }

    /// Returns the requested runs that this process knows to be open.
    private func open(
        _ agents: Set<String>?, before: RunID?, limit: Int
    ) -> (runs: [Begun], next: String?) {
        let all = gateway.runs.open { run, agent in
            (agents?.contains(agent.text) ?? true) && (before.map { run.text < $0.text } ?? true)
        }
        let page = all.sorted { $0.run.text > $1.run.text }.prefix(limit)
        return (page.map(begun), all.count > limit ? page.last?.run.text : nil)
    }

    /// Returns the requested runs that this process knows to be open, in an order.
    ///
    /// - Parameter cursor: the number of runs before the page; nil for the first page.
    private func open(
        _ agents: Set<String>?, by order: RunQuery.Sorting, from cursor: String?, limit: Int
    ) -> (runs: [Begun], next: String?) {
        let newest = gateway.runs.open { _, agent in agents?.contains(agent.text) ?? true }
            .sorted { $0.run.text > $1.run.text }
        let policy = gateway.policy.snapshot
        let all =
            switch order.column {
            case .since: order.sorted(newest) { $0.run.milliseconds }
            case .agent: order.sorted(newest) { $0.agent }
            case .owner: order.sorted(newest) { policy.agents[$0.agent]?.owner?.address }
            case .state:
                order.sorted(newest) { gateway.halt(of: $0.agent, run: $0.run) == nil ? 0 : 1 }
            }
        let first = min(cursor.flatMap { UInt64($0) }.map { Int(clamping: $0) } ?? 0, all.count)
        let rest = all.dropFirst(first)
        return (
            rest.prefix(limit).map(begun), rest.count > limit ? String(first + limit) : nil
        )
    }

    private func begun(_ one: (run: RunID, agent: AgentName)) -> Begun {
        Begun(run: one.run, agent: one.agent, subject: gateway.runs.known(one.run)?.subject)
    }

    /// Returns the requested runs whose start is in the log.
    private func recorded(
        _ filter: RecordFilter, before: UInt64?, limit: Int, for visibility: Visibility
    ) async throws(EvidenceRefusal) -> (runs: [Begun], found: RecordFinding) {
        guard filter.agents?.isEmpty != true else {
            return ([], RecordFinding(rows: [], next: nil, fault: nil, unsearched: nil))
        }
        let found = try await records.search(filter, before: before, limit: limit)
        let runs = found.rows.compactMap { row -> Begun? in
            guard case .proved(let record) = row, let run = record.run, let agent = record.agent,
                visibility.sees(agent)
            else { return nil }
            return Begun(run: run, agent: agent, subject: record.subject)
        }
        return (runs, found)
    }

    private func line(
        _ begun: Begun, _ tally: RunTally?, _ activity: RunActivity?
    ) -> RunSummary {
        let (run, agent) = (begun.run, begun.agent)
        let policy = gateway.policy.snapshot
        let halt = gateway.halt(of: agent, run: run)
        let isEnded = gateway.ledger.hasEnded(run: run) || tally?.isEnded == true
        return RunSummary(
            run: run, agent: agent, owner: policy.agents[agent]?.owner,
            purpose: activity?.purpose ?? policy.agents[agent]?.purpose,
            subject: begun.subject, since: Timestamp(microseconds: run.milliseconds * 1000),
            tally: tally, inFlight: activity?.calls ?? 0,
            state: isEnded ? .ended : halt.map { .halted($0) } ?? .open,
            activity: isEnded ? nil : activity)
    }

    /// Returns the summary of one run from its first record.
    private func line(of run: RunID, for visibility: Visibility) async throws(EvidenceRefusal)
        -> RunSummary
    {
        let began = try await log.start(of: run)
        guard case .proved(let start)? = began.first.rows.first, let agent = start.agent,
            start.record.type == RecordType.runStart.rawValue
        else {
            // If the search was incomplete, the run may exist.
            guard let fault = began.first.shortcoming else { throw .noSuchRun }
            throw .unreadable(fault)
        }
        guard visibility.sees(agent) else { throw .noSuchRun }
        return line(
            Begun(run: run, agent: agent, subject: start.subject), began.tally,
            gateway.activity(of: [run])[run])
    }
}

extension RunQueryService: RunQueries {
    package func runs(
        _ query: RunQuery, before: String?, limit: Int, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> RunListing {
        let look = try looks.begin(.page, by: reader)
        defer { look.end() }
        let filter = filter(query, for: reader.visibility)
        var found = RecordFinding(rows: [], next: nil, fault: nil, unsearched: nil)
        let runs: [Begun]
        let next: String?
        if query.isOpen, let order = query.order {
            (runs, next) = open(filter.agents, by: order, from: before, limit: limit)
        } else if query.isOpen {
            (runs, next) = open(filter.agents, before: before.flatMap { RunID($0) }, limit: limit)
        } else {
            (runs, found) = try await recorded(
                filter, before: before.flatMap { UInt64($0) }, limit: limit, for: reader.visibility)
            next = found.next.map { String($0) }
        }
        let tallies = try await log.tally(of: runs.map(\.run))
        let activity = gateway.activity(of: runs.map(\.run))
        let listing = RunListing(
            runs: runs.map { line($0, tallies[$0.run], activity[$0.run]) },
            unproved: found.rows.compactMap { row in
                if case .unproved(let index) = row { index } else { nil }
            }, next: next, fault: found.shortcoming)
        try await logReader.record(
            .query, count: listing.runs.count, query.json(before: before), by: reader)
        return listing
    }

    package func story(
        of run: RunID, from: Int, limit: Int, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> RunDetail {
        let look = try looks.begin(.page, by: reader)
        defer { look.end() }
        let line = try await line(of: run, for: reader.visibility)
        let reads = reader.visibility.reads(line.agent)
        let steps = try await log.steps(of: run, from: from, limit: limit, opens: reads)
        try await logReader.record(
            .show, count: steps.steps.count,
            ["run": .string(run.text), "from": .integer(Int64(from))], by: reader)
        return RunDetail(line: line, steps: steps, reads: reads)
    }

    package func replay(
        _ run: RunID, _ level: ReplayLevel, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> ReplayReport {
        let look = try looks.begin(.file, by: reader)
        defer { look.end() }
        let line = try await line(of: run, for: reader.visibility)
        guard reader.visibility.reads(line.agent) else { throw .noSuchRun }
        let report = try await log.replay(run, level)
        try await logReader.record(
            .replay, count: report.count,
            ["run": .string(run.text), "level": .string(level.rawValue)], by: reader)
        return report
    }

    package func bundle(
        of run: RunID, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> EvidenceFileBody {
        let look = try looks.begin(.file, by: reader)
        defer { look.end() }
        let line = try await line(of: run, for: reader.visibility)
        guard reader.visibility.reads(line.agent) else { throw .noSuchRun }
        let file = try await log.bundle(
            of: run, withPolicies: gateway.policy.snapshot.isRead(by: reader.visibility))
        try await logReader.record(
            .bundle, count: file.count, ["run": .string(run.text)], by: reader)
        return file
    }
}

/// A run with what its start determines.
private struct Begun {
    let run: RunID
    let agent: AgentName
    let subject: Pseudonym?
}

extension RunQuery {
    fileprivate func json(before: String?) -> JSONObject {
        var object: JSONObject = ["runs": .string(isOpen ? "open" : "all")]
        object["agent"] = agent.map(JSONValue.string)
        object["owner"] = owner.map { .string($0.address) }
        object["sort"] = order.map { .string($0.text) }
        object["before"] = before.map(JSONValue.string)
        return object
    }
}

extension VerifiedRecord {
    fileprivate var subject: Pseudonym? { record.text("subj").flatMap { Pseudonym(written: $0) } }
}

/// Read access to runs for pages, with visibility applied. Each method has recorded the access before it returns.
package protocol RunQueries: Sendable {
    /// - Parameter before: `next` of the previous page, or nil for the first.
    func runs(
        _ query: RunQuery, before: String?, limit: Int, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> RunListing

    func story(
        of run: RunID, from: Int, limit: Int, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> RunDetail

    func replay(
        _ run: RunID, _ level: ReplayLevel, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> ReplayReport

    func bundle(
        of run: RunID, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> EvidenceFileBody
}

/// A person's query of runs; a nil field does not restrict it.
package struct RunQuery: Sendable, Hashable {
    package typealias Sorting = ListOrder<Column>

    /// The columns by which the list of open runs can be ordered: those that are known without the log.
    package enum Column: String, Sendable, CaseIterable {
        case agent, owner, since
        /// The open runs first, then those that a halt stops.
        case state
    }

    package var agent: String?
    package var owner: Person?
    /// True to list only the runs that have not ended.
    package var isOpen = false
    /// Is nil for the newest first, which is the only order of runs that have ended.
    package var order: Sorting?

    package init() {}
}
