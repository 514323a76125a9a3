import InterlockEvidence
import InterlockModel
import InterlockPolicy
import InterlockTesting
import InterlockTrust
import Synchronization
import Testing

@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockTrustQueries

/// The times at which the record of agents is read from the log again, and who sees it.
@Suite(.requirement("R123")) struct TrustQueryServiceTests {
    private let clerk = AgentName("clerk").unwrapped

    /// Counts its readings; each of them fails on demand.
    private final class Log: Sendable {
        private let counts = Mutex((readings: 0, fails: false))

        var readings: Int { counts.withLock { $0.readings } }
        func fail(_ fails: Bool) { counts.withLock { $0.fails = fails } }

        func read(_ policy: PolicySnapshot) -> [AgentName: AgentTrustRecord]? {
            let fails = counts.withLock { counts -> Bool in
                counts.readings += 1
                return counts.fails
            }
            guard !fails else { return nil }
            let count = TrustCount([], under: .standard)
            let record = AgentTrustRecord(
                at: Timestamp(microseconds: 0),
                credit: AgentCredit(
                    count: count, assessment: nil, lastChange: nil, isWhole: true, criteria: nil),
                events: [])
            return policy.agents.mapValues { _ in record }
        }
    }

    private func viewer(_ roles: Set<Role>, own: Set<AgentName> = []) throws -> Visibility {
        Visibility(person: try #require(Person("x@acme.example")), roles: roles, own: own)
    }

    private func service(_ bench: Bench, _ log: Log) -> TrustQueryService {
        TrustQueryService(
            gateway: bench.gateway,
            stages: { _ in
                let conditions = StageConditions(
                    ceiling: .full, hasCriteria: false, promotionCounts: false,
                    delegationCounts: false)
                return StageHistory().status(conditions, at: Timestamp(microseconds: 0))
            }, reading: { log.read($0) })
    }

    /// Looks until no reading is under way.
    private func settled(_ service: TrustQueryService) async throws -> AgentTrustDetail {
        let viewer = try viewer([.security])
        let isSettled = await until {
            service.trust(of: clerk, for: viewer)?.isReading == false
        }
        #expect(isSettled)
        return try #require(service.trust(of: clerk, for: viewer))
    }

    @Test func `the log is read if a person looks, and again once a reading is old`() async throws {
        let (bench, log) = (try Bench(), Log())
        let service = service(bench, log)
        #expect(log.readings == 0)
        let first = try #require(service.trust(of: clerk, for: try viewer([.security])))
        #expect(first.isReading && first.record == nil && !first.hasFailed)
        let read = try await settled(service)
        #expect(read.record != nil && log.readings == 1)
        bench.clock.advance(TrustQueryService.freshness - .seconds(1))
        _ = try await settled(service)
        #expect(log.readings == 1)
        bench.clock.advance(.seconds(2))
        let again = try await settled(service)
        #expect(log.readings == 2 && again.record != nil)
    }

    @Test func `a reading that fails leaves the record of before, and is not repeated at once`()
        async throws
    {
        let (bench, log) = (try Bench(), Log())
        let service = service(bench, log)
        _ = try await settled(service)
        log.fail(true)
        bench.clock.advance(TrustQueryService.freshness + .seconds(1))
        let failed = try await settled(service)
        #expect(failed.hasFailed && failed.record != nil && log.readings == 2)
        _ = try await settled(service)
        #expect(log.readings == 2)
        log.fail(false)
        bench.clock.advance(TrustQueryService.freshness + .seconds(1))
        #expect(try await settled(service).hasFailed == false)
    }

    @Test func `an agent that a person does not see causes no reading`() async throws {
        let (bench, log) = (try Bench(), Log())
        let service = service(bench, log)
        #expect(service.trust(of: clerk, for: try viewer([])) == nil)
        let unknown = try #require(AgentName("unknown"))
        #expect(service.trust(of: unknown, for: try viewer([.security])) == nil)
        #expect(log.readings == 0)
        #expect(service.trust(of: clerk, for: try viewer([], own: [clerk])) != nil)
    }
}
