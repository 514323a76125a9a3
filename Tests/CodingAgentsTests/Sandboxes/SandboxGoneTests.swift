import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockSandboxes

/// Halts of runs whose supervisors were killed: the kernel answers in their place (docs/specs/sandbox.md, section 13).
@Suite struct `Runs without a supervisor` {
    private func begin(_ bench: Bench) async throws -> RunID {
        let request = SandboxRequest(
            agent: try #require(AgentName("clerk")), kind: .task, purpose: "Fix a bug",
            request: nil, policy: bench.policy.digest, argv: Digest(words: (1, 2, 3, 4)),
            isolation: "full", backend: "own", layers: ["user"], degraded: [], landlock: 6,
            hidden: [], secrets: [])
        return try await bench.sandboxes.begin(request).run
    }

    private func point(_ report: HaltReport, _ run: RunID) throws -> PointReport {
        try #require(report.points.first { $0.point == "sandbox/\(run.text)" })
    }

    @Test(.requirement("R112"))
    func `a halt is confirmed by the kernel where nothing of the run is left`() async throws {
        let bench = try Bench()
        let run = try await begin(bench)
        bench.runProcesses.end(run)
        let report = try await bench.halt(.run(run), patience: .zero)
        let point = try point(report, run)
        #expect(point.state == .confirmed && point.left == 0 && report.isConfirmed)
        let records = bench.ledger.drafts(of: .killPoint)
        #expect(records.count == 1 && records.last?.fields["left"] == 0)
        // Its end is on record at once, and the answer stays that of the kernel.
        await bench.sandboxes.sweep()
        await bench.kill.sweep()
        #expect(bench.ledger.drafts(of: .runEnd).last?.fields["code"] == "unknown")
        let later = try #require(bench.kill.reports[report.order.id])
        #expect(try self.point(later, run).state == .confirmed && bench.sandboxes.count == 0)
        #expect(bench.ledger.drafts(of: .killPoint).count == 1)
    }

    @Test func `what ends after the answer is confirmed by the next sweep`() async throws {
        let bench = try Bench()
        let (first, second) = (try await begin(bench), try await begin(bench))
        bench.runProcesses.end(first)
        let report = try await bench.halt(.org, patience: .zero)
        #expect(try point(report, first).state == .confirmed)
        #expect(try point(report, second).state == .notConfirmed && !report.isConfirmed)
        #expect(try point(report, second).left == 1)
        // A sweep of the runs between must not turn the confirmed one into one that is only silent.
        await bench.sandboxes.sweep()
        bench.runProcesses.end(second)
        await bench.kill.sweep()
        let later = try #require(bench.kill.reports[report.order.id])
        #expect(later.isConfirmed)
        for run in [first, second] { #expect(try point(later, run).state == .confirmed) }
    }

    @Test func `a supervisor's answer that something is left is replaced once it is gone`()
        async throws
    {
        let bench = try Bench()
        let run = try await begin(bench)
        let report = try await bench.halt(.org, patience: .zero)
        try bench.sandboxes.confirm(run, left: 2)
        await bench.kill.sweep()
        #expect(bench.kill.reports[report.order.id]?.isConfirmed == false)
        bench.runProcesses.end(run)
        await bench.kill.sweep()
        #expect(bench.kill.reports[report.order.id]?.isConfirmed == true)
    }

    @Test func `a run that no halt stops waits for its lease`() async throws {
        let bench = try Bench()
        let run = try await begin(bench)
        bench.runProcesses.end(run)
        await bench.sandboxes.sweep()
        #expect(bench.sandboxes.count == 1 && bench.ledger.drafts(of: .runEnd).isEmpty)
        bench.clock.advance(SandboxTable.lease + .seconds(1))
        await bench.sandboxes.sweep()
        #expect(bench.sandboxes.count == 0 && bench.gateway.runs.known(run) == nil)
    }
}
