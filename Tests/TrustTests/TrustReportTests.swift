import InterlockModel
import InterlockPolicyCommands
import InterlockTesting
import Testing

@testable import InterlockPolicy
@testable import InterlockTrust
@testable import InterlockTrustCommands

/// The report of a log whose beginning was pruned.
@Suite(.requirement("R123")) struct TrustReportTests {
    private func promotion(whole: Bool) throws -> String {
        let log = try TrustFixture.Log(whole: whole)
        let report = TrustReport(
            of: TrustFixture.agent, log.agent, in: log.runs,
            AgentTerms(written: .trusted, held: [], .record(.lowest, isFounding: false)),
            drillEvery: nil, CriteriaFile(inForce: .standard), at: TrustFixture.now)
        let line = report.lines.first { $0.hasPrefix("  promotion") }
        return try #require(line)
    }

    @Test func `a promotion may be among the records that were pruned, which the report says`()
        throws
    {
        let (whole, pruned) = (try promotion(whole: true), try promotion(whole: false))
        #expect(whole.hasSuffix("none on record, so the stage is 0"))
        #expect(pruned.hasSuffix("none in the records that are here, so the stage is 0 by them"))
    }
}
