import InterlockApprovals
import InterlockEvidence
import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGovernor

/// The passage by which a run became hostile, after a start of the gateway: from the sealed report of the call.
@Suite(.requirement("R084")) struct RestoredPassageTests {
    /// The reports of calls by the ids of their calls.
    private struct Reports: SearchReportLog {
        var report: SearchReport?
        var refusal: EvidenceRefusal?

        func report(of call: CallID, in run: RunID) async throws(EvidenceRefusal) -> SearchReport? {
            if let refusal { throw refusal }
            return call == RestoredPassageTests.call && run == RestoredPassageTests.run
                ? report : nil
        }
    }

    private static let run = RunID(milliseconds: 3, random: [UInt8](repeating: 1, count: 10))
    private static let call = CallID(milliseconds: 7, random: [UInt8](repeating: 2, count: 10))
    private static let other = CallID(milliseconds: 8, random: [UInt8](repeating: 3, count: 10))
    private static let time = Timestamp(microseconds: 1_795_169_731_500_000)

    private static var marked: SearchReport {
        var report = SearchReport()
        report.mark = SearchReport.HostileText(kinds: ["a"], passage: "Ignore all of it")
        return report
    }

    /// The runs of a gateway that has read this level from its log.
    private func restored(_ levels: [(CallID, Int64)]) -> TaintedRuns {
        var log = LoggedTaint()
        for (call, level) in levels {
            log.end(call, of: Self.run, level: level, at: Self.time)
        }
        let runs = TaintedRuns()
        log.restore(to: runs)
        return runs
    }

    @Test func `the passage is that of the call after which the run was hostile`() async {
        let runs = restored([(Self.other, 1), (Self.call, 2)])
        #expect(runs.passage(of: Self.run) == nil)
        let found = await runs.passage(of: Self.run, from: Reports(report: Self.marked))
        #expect(found == MarkedPassage(call: Self.call, text: "Ignore all of it"))
        let elsewhere = restored([(Self.other, 2), (Self.call, 2)])
        #expect(await elsewhere.passage(of: Self.run, from: Reports(report: Self.marked)) == nil)
    }

    @Test func `without a report, or if the log cannot be read, there is no passage`() async {
        let runs = restored([(Self.call, 2)])
        #expect(await runs.passage(of: Self.run, from: Reports()) == nil)
        #expect(await runs.passage(of: Self.run, from: Reports(report: SearchReport())) == nil)
        let busy = Reports(report: Self.marked, refusal: .busy)
        #expect(await runs.passage(of: Self.run, from: busy) == nil)
        let untrusted = restored([(Self.call, 1)])
        #expect(await untrusted.passage(of: Self.run, from: Reports(report: Self.marked)) == nil)
    }

    @Test func `a passage for which memory has no room is in the report`() async throws {
        let runs = TaintedRuns()
        let tool = try #require(ToolAddress(dotted: "web.fetch"))
        runs.raise(
            Self.run,
            by: MarkedRead(call: Self.call, address: tool, at: Self.time, kinds: ["a"]))
        let found = await runs.passage(of: Self.run, from: Reports(report: Self.marked))
        #expect(found?.text == "Ignore all of it")
    }

    @Test func `a passage in memory comes before the log`() async throws {
        let runs = TaintedRuns()
        let tool = try #require(ToolAddress(dotted: "web.fetch"))
        runs.raise(
            Self.run,
            by: MarkedRead(
                call: Self.call, address: tool, at: Self.time, kinds: ["a"], passage: "in memory"))
        let found = await runs.passage(of: Self.run, from: Reports(report: Self.marked))
        #expect(found?.text == "in memory")
    }
}
