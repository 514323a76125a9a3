import InterlockConsoleWorld
import InterlockEvidence
import InterlockModel
import InterlockPolicy
import InterlockTrustQueries

@testable import InterlockTrust

/// The trust of one agent in memory.
struct TrustStub: TrustQueries {
    var hasRecord = true
    var hasFailed = false
    var hasCriteria = true

    private static let start = ConsoleOffice.start

    /// Promoted, and demoted since: it is in cool-down.
    private var status: StageStatus {
        let demotion = StageDemotion(.kill, from: .assisted, at: Self.start, under: .standard)
        return StageStatus(
            limits: StageLimits(
                ceiling: .full, delegation: .bounded, promotion: .assisted, demotion: .gated),
            reasons: [
                .delegation(.bounded),
                .promoted(.assisted, until: Self.start + .seconds(86_400)), .demoted(demotion),
            ], expires: Self.start + .seconds(86_400), cooldownEnd: demotion.cooldownEnd,
            creditStart: Self.start)
    }

    private var record: AgentTrustRecord {
        let count = TrustCount([], under: .standard)
        return AgentTrustRecord(
            at: Self.start,
            credit: AgentCredit(
                count: count,
                assessment: TrustAssessment(
                    of: count, TrustFacts(incidents: []), for: .assisted, under: .standard,
                    at: Self.start),
                lastChange: RecordedChange(
                    change: .policyWidened, leaf: Digest(words: (1, 2, 3, 4)), time: Self.start),
                isWhole: false, criteria: hasCriteria ? "2026-11-20.1" : nil),
            events: [
                StageEvent(
                    .demoted, at: Self.start, record: 71, leaf: Digest(words: (5, 6, 7, 8)),
                    from: .assisted, to: .gated, code: "kill", until: Self.start + .seconds(3600)),
                StageEvent(
                    .promoted, at: Self.start - .seconds(60), record: 7,
                    leaf: Digest(words: (9, 10, 11, 12)), from: .gated, to: .assisted,
                    until: Self.start + .seconds(86_400)),
            ])
    }

    func trust(of agent: AgentName, for visibility: Visibility) -> AgentTrustDetail? {
        guard agent == DirectoryWorld.clerk, visibility.sees(agent) else { return nil }
        return AgentTrustDetail(
            agent: agent, terms: AgentTerms(written: .trusted, held: [], AgentTerms.Trust.none),
            status: status, record: hasRecord ? record : nil, isReading: !hasRecord && !hasFailed,
            hasFailed: hasFailed)
    }
}
