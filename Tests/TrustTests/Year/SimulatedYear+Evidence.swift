import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicyCommands
import InterlockStore
import InterlockTesting
import Testing

@testable import InterlockPolicy
@testable import InterlockTrust
@testable import InterlockTrustCommands

/// The facts of the year, as the log's reader of a deployment has them from payloads.
struct YearSource: RunSource {
    let facts: SimulatedYear.Facts

    func task(of agent: AgentName, in record: StoredRecord) -> RunTaskName? {
        record.text("call").flatMap { facts.tasksByCall[$0] }.flatMap { RunTaskName($0) }
    }

    func filesChange(from old: StoredRecord, to new: StoredRecord) -> FingerprintChange {
        guard let before = files(of: old), let after = files(of: new) else { return .files }
        return before.change(to: after)
    }

    private func files(of start: StoredRecord) -> RunFileLists? {
        guard let run = start.text("run"), let lists = facts.filesByRun[run],
            let fingerprint = start.digest("fp")
        else { return nil }
        return RunFileLists(
            setup: ["files": .object(lists)], fingerprint: fingerprint,
            hashing: OpenSSLHashing())
    }

    func change(of agent: AgentName, from old: Digest, to new: Digest?) -> FingerprintChange {
        guard let before = facts.policies[old], let new, let after = facts.policies[new] else {
            return .policyNotComparable
        }
        if before == after { return .policyEqual }
        let widens = after.contains { tool, limit in limit > (before[tool] ?? 0) }
        return widens ? .policyWidened : .policyNarrowed
    }
}

// The evidence of promotions.
extension SimulatedYear {
    /// Computes the evidence as `interlock trust propose` does. The year has no evals, and its numbers need not be met.
    func snapshot(
        _ from: AutonomyStage, _ to: AutonomyStage, at date: Timestamp, undoes: Bool
    ) throws -> TrustSnapshot {
        let agent = TrustFixture.agent
        let undone = history.promotion?.date ?? Timestamp(microseconds: 0)
        var runs = RunCollector(
            [agent: [ServerName("billing").unwrapped]], under: criteria,
            undone: undoes ? [agent: undone] : [:])
        var source = YearSource(facts: facts)
        let tree = TreeHash(Self.hashing)
        var range = CompactRange()
        try log.scan { entry in
            guard let record = entry.record else { return false }
            runs.add(record, hash: entry.leaf.hash, from: &source)
            range.append(entry.leaf.hash, tree)
            return true
        }
        let agents = try #require(runs.agents[agent])
        let stage = TrustReport.earned(by: agents, file, at: date)
        let report = TrustReport(
            of: agent, agents, in: runs,
            AgentTerms(written: .trusted, held: [], .record(stage.assignment, isFounding: false)),
            drillEvery: nil, file, at: date)
        let assessment = try #require(report.assessment(for: to, at: date))
        return TrustSnapshot(
            org: "acme", agent: agent, from: from, to: to, date: date,
            checkpoint: Checkpoint(
                origin: YearLog.origin, size: range.size, root: range.root(tree)),
            criteria: try #require(criteria.digest(hashing: Self.hashing)), policy: policy,
            fingerprint: TrustFixture.digest(3), evalResult: TrustFixture.digest(2),
            undoes: undoes, lines: assessment.results.map { TrustSnapshot.Line($0) })
    }
}
