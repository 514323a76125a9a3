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

/// A year of an agent, and the same values from a program that shares nothing with the gateway
/// (docs/specs/trust-and-review.md, sections 2 to 6).
@Suite(.requirement("R123", "R124", "R128")) struct SimulatedYearTests {
    private static let criteria = """
        interlock_trust: 1
        version: "year"
        stages:
          assisted: {clean_runs: 50, days: 5, templates: 2}
          bounded: {clean_runs: 60, days: 8, templates: 3}
          full: {clean_runs: 80, days: 10, templates: 3, agent_denials: 0.03}
        """

    @Test func `every value of a year is the same by a second program`() async throws {
        let log = try YearLog()
        _ = runShell("mkdir -p '\(log.folder)/trust'")
        try TestFiles.write(Self.criteria, to: log.folder + "/trust/criteria.yaml")
        let file = try CriteriaFile(beside: log.folder + "/policy")
        try #require(file.exists)
        var year = SimulatedYear(log, under: file)
        try await year.live()
        log.close()
        let reports = try reports(of: year, log, file)
        try #require(reports.count == year.points.count)
        try expectEverything(reports, year)
        let lines = zip(year.points, reports).map { point, report in
            Self.line(point, report.json(explains: false))
        }
        try TestFiles.write(lines.joined(separator: "\n"), to: log.folder + "/points")
        try TestFiles.write(
            String(decoding: Self.opened(year, file).serialized(), as: UTF8.self),
            to: log.folder + "/opened.json")
        let program = try #require(Self.root) + "/Tests/Verifier/autonomy.py"
        let second = "python3 '\(program)' '\(log.published)' '\(log.folder)/opened.json' "
        let done = runShell(second + "'\(log.folder)/points'")
        #expect(done.status == 0 && done.output.hasPrefix("ok: "), "\(done.output)")
        try expectEvidence(year, log)
        // The comparison can fail.
        let first = try #require(lines.first).replacing("\"stage\":0", with: "\"stage\":1")
        try TestFiles.write(first, to: log.folder + "/points")
        #expect(runShell(second + "'\(log.folder)/points'").output.contains("stage: 1, not 0"))
    }

    /// The folder of the repository.
    private static var root: String? {
        let path: String = #filePath
        return path.firstRange(of: "/Tests/TrustTests/").map { String(path[..<$0.lowerBound]) }
    }

    /// The evidence of each promotion follows from log and document, and another value in it is noticed.
    private func expectEvidence(_ year: SimulatedYear, _ log: YearLog) throws {
        let program = try #require(Self.root) + "/Tests/Verifier/promotionevidence.py"
        func checked(_ promotions: [SimulatedYear.Promoted]) throws -> String {
            let lines = promotions.map { one -> String in
                let line: JSONValue = [
                    "document": .string(Base64.encode(one.document)),
                    "snapshot": .string(Base64.encode(one.snapshot)),
                ]
                return String(decoding: line.serialized(), as: UTF8.self)
            }
            try TestFiles.write(lines.joined(separator: "\n"), to: log.folder + "/promotions")
            return runShell(
                "python3 '\(program)' '\(log.published)' '\(log.folder)/opened.json' "
                    + "'\(log.folder)/promotions'"
            ).output
        }
        let evidence = year.promotions
        let snapshots = try evidence.map { try TrustSnapshot(parsing: $0.snapshot) }
        let raised = snapshots.map(\.to)
        #expect(Set(raised) == [.assisted, .bounded, .full])
        #expect(snapshots.contains { $0.undoes } && snapshots.contains { !$0.undoes })
        let said = try checked(evidence)
        #expect(said.hasPrefix("ok: \(evidence.count) promotions"), "\(said)")
        let first = try #require(evidence.first)
        let text = String(decoding: first.snapshot, as: UTF8.self)
        let nicer = Array(text.replacing("\"value\":\"", with: "\"value\":\"9").utf8)
        let forged = SimulatedYear.Promoted(document: first.document, snapshot: nicer)
        let answer = try checked([forged] + Array(evidence.dropFirst()))
        #expect(answer.contains("promotion 1: evidence: ") && answer.contains("clean_runs: "))
    }

    /// One report for each point, made from the ledger's files.
    private func reports(
        of year: SimulatedYear, _ log: YearLog, _ file: CriteriaFile
    ) throws -> [TrustReport] {
        var runs = RunCollector(
            [TrustFixture.agent: [ServerName("billing").unwrapped]], under: file.criteria)
        var source = YearSource(facts: year.facts)
        var reports: [TrustReport] = []
        func report(at size: UInt64) {
            while reports.count < year.points.count, year.points[reports.count].size == size {
                let now = year.points[reports.count].time
                guard let history = runs.agents[TrustFixture.agent] else { return }
                let stage = TrustReport.earned(by: history, file, at: now)
                reports.append(
                    TrustReport(
                        of: TrustFixture.agent, history, in: runs,
                        AgentTerms(
                            written: .trusted, held: [],
                            .record(stage.assignment, isFounding: false)),
                        drillEvery: nil, file, at: now))
            }
        }
        try log.scan { entry in
            guard let record = entry.record else { return false }
            runs.add(record, hash: entry.leaf.hash, from: &source)
            report(at: entry.index + 1)
            return true
        }
        return reports
    }

    /// The stages are those of the signed documents, and the year has everything that it is to have.
    private func expectEverything(_ reports: [TrustReport], _ year: SimulatedYear) throws {
        var stages: Set<AutonomyStage> = []
        var changes: Set<FingerprintChange> = []
        for (point, report) in zip(year.points, reports) {
            let delegation = report.limits.delegation ?? .full
            #expect(report.limits.effective == min(point.stage, delegation), "\(point.what)")
            #expect(report.cooldownEnd == point.cooldownEnd, "\(point.what)")
            stages.insert(report.limits.effective ?? .gated)
            if let change = report.history.lastChange?.change { changes.insert(change) }
        }
        let last = try #require(reports.last)
        #expect(stages == Set(AutonomyStage.allCases))
        #expect(
            changes.isSuperset(of: [
                .model, .skills, .prompt, .files, .policyWidened, .policyNotComparable,
                .pinChanged, .demoted,
            ]), "\(changes)")
        let codes = Set(last.history.stage.entries.compactMap(\.code))
        #expect(codes == Set(DemotionTrigger.allCases.map(\.rawValue)))
        #expect(last.history.denialAlarmCount > 0 && !last.history.runs.isEmpty)
        #expect(last.history.classifications.values.map(\.cause) == [.policy])
    }

    private static func line(_ point: SimulatedYear.Point, _ status: JSONValue) -> String {
        let object: JSONValue = [
            "size": .integer(Int64(clamping: point.size)),
            "at": .integer(point.time.microseconds), "agent": .string(TrustFixture.agent.text),
            "status": status,
        ]
        return String(decoding: object.serialized(), as: UTF8.self)
    }

    private static func opened(_ year: SimulatedYear, _ file: CriteriaFile) -> JSONValue {
        var tasks = JSONObject()
        for (leaf, task) in year.facts.tasks { tasks[leaf.base64] = .string(task) }
        var files = JSONObject()
        for (leaf, lists) in year.facts.files { files[leaf.base64] = .object(lists) }
        var policies = JSONObject()
        for (policy, grants) in year.facts.policies {
            var tools = JSONObject()
            for (tool, limit) in grants { tools[tool] = .integer(limit) }
            policies[policy.base64] = .object([TrustFixture.agent.text: .object(tools)])
        }
        let agent: JSONValue = ["ceiling": "full", "servers": ["billing"]]
        return [
            "agents": .object([TrustFixture.agent.text: agent]),
            "criteria": file.criteria.json, "tasks": .object(tasks), "files": .object(files),
            "policies": .object(policies),
        ]
    }
}
