import InterlockAdministration
import InterlockCommandLine
import InterlockEvidence
import InterlockJSON
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockPorts
import InterlockStore

extension NodeEvidence: RunLog {
    /// The maximum number of steps of one run in a replay or a bundle.
    private static let mostSteps = 20_000
    /// The maximum number of records of one run that pages show in parts.
    private static let mostPaged = 10_000_000
    /// The maximum size in bytes of a bundle, which is in memory as a whole.
    private static let mostBytes = 64 << 20

    func start(of run: RunID) async throws(EvidenceRefusal) -> RunStart {
        try await page { log in
            var search = try RecordSearch(log, Self.pageBounds)
            let first = try search.records(of: run, in: 0..<1, most: Self.mostPaged)
            return RunStart(
                first: RecordFinding(first.records, search, limit: 1),
                tally: try search.index?.tally(of: [run])[run])
        }
    }

    func tally(of runs: [RunID]) async throws(EvidenceRefusal) -> [RunID: RunTally] {
        guard !runs.isEmpty else { return [:] }
        return try await page { log in
            try RecordSearch(log, Self.pageBounds).index?.tally(of: runs) ?? [:]
        }
    }

    func steps(
        of run: RunID, from: Int, limit: Int, opens: Bool
    ) async throws(EvidenceRefusal) -> RunSteps {
        try await page(missing: .noSuchRun) { log in
            var search = try RecordSearch(log, Self.pageBounds)
            // Includes the preceding record, which the first of these must reference.
            let first = max(from - 1, 0)
            let part = try search.records(of: run, in: first..<from + limit, most: Self.mostPaged)
            let (found, total) = (part.records, part.total)
            guard from < total else { throw EvidenceRefusal.noSuchRun }
            let shown = found.filter {
                ($0.record["rs"]?.integer ?? .max) >= part.start + Int64(from)
            }
            let steps = try shown.filter { RunStep.tells($0.record) }
                .map { try log.step($0.entry, $0.record, opens: opens, proof: $0.proof) }
            return RunSteps(
                steps: steps,
                faults: RunContinuity.faults(in: found, isWhole: true, isFromStart: first == 0)
                    + search.unproved.map { "record \($0) of the index has no proof" }
                    + (part.isWhole ? [] : ["the index does not have all records of this part"]),
                next: from + limit < total ? from + limit : nil)
        }
    }

    func replay(_ run: RunID, _ level: ReplayLevel) async throws(EvidenceRefusal) -> ReplayReport {
        try await file(missing: .noSuchRun) { log in
            var search = try RecordSearch(log, Self.fileBounds)
            let found = try search.all(of: run, most: Self.mostSteps)
            switch level {
            case .timeline:
                var room = Self.mostBytes
                return .timeline(
                    try found.filter { RunStep.tells($0.record) }.map { one in
                        let step = try log.step(one.entry, one.record, proof: one.proof)
                        room -= step.openedBytes
                        guard room >= 0 else {
                            throw EvidenceRefusal.tooLarge(
                                "the run holds more than a page tells; `interlock audit replay` takes it"
                            )
                        }
                        return step
                    })
            case .decisions:
                var replayer = DecisionReplayer(log, other: nil)
                return .decisions(
                    DecisionsReport(try found.flatMap { try replayer.replay($0.entry, $0.record) }))
            }
        }
    }

    func bundle(
        of run: RunID, withPolicies: Bool
    ) async throws(EvidenceRefusal) -> EvidenceFileBody {
        try await file(missing: .noSuchRun) { log in
            var search = try RecordSearch(log, Self.fileBounds)
            let found = try search.all(of: run, most: Self.mostSteps)
            var enrolments = RecordFilter()
            enrolments.type = RecordType.approverEnrolled.rawValue
            let enrolled = try search.newest(enrolments, limit: Self.mostSteps)
            try search.requireAll()
            var proved = search.log
            let evidence = try RunEvidence(
                of: run, in: log,
                from: RunEvidence.Source(
                    entries: found.map(\.entry), enrolled: enrolled.map(\.entry),
                    isWhole: try search.first() == 0
                        && proved.record(at: 0)?.record["from"] == nil),
                eachProved: false)
            return try evidence.file(withPolicies: withPolicies, most: Self.mostBytes)
        }
    }
}

extension RecordSearch {
    /// Returns some records of a run by their positions in it, oldest first.
    ///
    /// - Throws: `.tooLarge` if the run has more than `most` records.
    fileprivate mutating func records(
        of run: RunID, in wanted: Range<Int>, most: Int
    ) throws -> RunPart {
        var filter = RecordFilter()
        filter.run = run.text
        let (span, behind) = try self.span(of: run, limit: most + 1)
        let total = span.count + behind.count
        guard total <= most else {
            throw EvidenceRefusal.tooLarge(
                "the run has more than \(most) records; `interlock audit` takes it")
        }
        let own = wanted.clamped(to: 0..<span.count)
        let rest = wanted.clamped(to: span.count..<total)
        let hits = try self.hits(
            of: run,
            in: span.lowerBound + Int64(own.lowerBound)..<span.lowerBound + Int64(own.upperBound))
        return RunPart(
            records: try proved(hits) { filter.matches($0.record) }
                + behind[rest.lowerBound - span.count..<rest.upperBound - span.count],
            start: span.lowerBound, total: total, isWhole: hits.count == own.count)
    }

    /// Returns all records of a run.
    ///
    /// - Throws: a refusal also if not all of them could be found and proved.
    fileprivate mutating func all(of run: RunID, most: Int) throws -> [ProvedRecord] {
        let part = try records(of: run, in: 0..<most, most: most)
        let (found, total) = (part.records, part.total)
        try requireAll()
        let faults = RunContinuity.faults(in: found, isWhole: true)
        guard total > 0 else { throw EvidenceRefusal.noSuchRun }
        guard faults.isEmpty else {
            throw EvidenceRefusal.unreadable(faults.joined(separator: "; "))
        }
        return found
    }
}

/// Some records of a run.
private struct RunPart {
    let records: [ProvedRecord]
    /// The number in the run of the first record that is present.
    let start: Int64
    let total: Int
    /// Is true if the index has all of the requested records that it should have.
    let isWhole: Bool
}

extension RunEvidence {
    /// The bundle without payloads.
    fileprivate func file(withPolicies: Bool, most: Int) throws -> EvidenceFileBody {
        var bytes: [UInt8] = []
        try bundle([], withPolicies: withPolicies).writeArchive(
            blob: { _ in throw EvidenceRefusal.unreadable("no payload is disclosed here") },
            to: { piece in
                guard bytes.count + piece.count <= most else {
                    throw EvidenceRefusal.tooLarge(
                        "the evidence is too large for a page; `interlock audit bundle` writes it")
                }
                bytes += piece
            })
        return EvidenceFileBody(
            name: "run-\(run.run.text).tar", bytes: bytes, count: run.records.count)
    }
}
