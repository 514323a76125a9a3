import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockSelfTest
import InterlockTesting
import InterlockTrust
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The schedule, the record and the alerts of self-tests.
@Suite struct `The self-test of a gateway` {
    private struct Tested {
        let bench: Bench
        let observed: Mutexed<Result<[SelfTestCase: SelfTestObservation], StoreFailure>>
        let service: SelfTestService

        init(
            every: Duration = .seconds(86_400), last: SelfTestService.Outcome? = nil,
            _ failing: SelfTestCase? = nil
        ) throws {
            let bench = try Bench()
            let observed = Mutexed<Result<[SelfTestCase: SelfTestObservation], StoreFailure>>(
                .success(Tested.observations(failing)))
            self.bench = bench
            self.observed = observed
            service = SelfTestService(
                gateway: bench.gateway, every: every, last: last,
                sources: SelfTestService.Sources(
                    observe: { observed.value },
                    facts: {
                        DeploymentFacts(
                            now: bench.clock.now.wall, policy: bench.policy,
                            drill: DrillStatus(
                                every: nil, declared: nil, reports: nil,
                                now: bench.clock.now.wall),
                            log: bench.ledger.status, cosignatureSeconds: nil,
                            hasChannel: false,
                            refusesHaste: true, asksProbes: true, review: nil)
                    }))
        }

        /// Every act as it must end, but one that the server answered.
        static func observations(
            _ failing: SelfTestCase?
        ) -> [SelfTestCase: SelfTestObservation] {
            var all: [SelfTestCase: SelfTestObservation] = [:]
            for test in SelfTestCase.allCases {
                let reason = test.reasons.first
                all[test] =
                    reason.map {
                        SelfTestObservation(.refused(reason: $0, rule: $0), arrivals: 0)
                    } ?? SelfTestObservation(.answered, arrivals: 1)
            }
            if let failing {
                let isPermitted = failing == .permittedCall
                all[failing] = SelfTestObservation(.answered, arrivals: isPermitted ? 0 : 1)
            }
            return all
        }

        var alerts: [String] {
            bench.ledger.drafts(of: .alarmRaised).compactMap { $0.fields["code"]?.string }
        }

        var results: [RecordDraft] { bench.ledger.drafts(of: .selfTestResult) }

        func sweep() async {
            service.sweep()
            for _ in 0..<200 where service.isRunning || results.isEmpty {
                try? await Task.sleep(for: .milliseconds(5))
            }
        }
    }

    @Test func `a passed one is on record, and raises no alert`() async throws {
        let tested = try Tested()
        let report = try await tested.service.run(by: nil)
        #expect(report.passed)
        let record = try #require(tested.results.first)
        #expect(record.fields["passed"] == true && record.fields["req"]?.string == report.id.text)
        #expect(record.fields["by"] == nil && record.payloads.map(\.field) == ["proof"])
        let known = try #require(tested.service.selfTestStatus())
        #expect(known.isSound(at: tested.bench.clock.now.wall) && tested.alerts.isEmpty)
        #expect(tested.service.last?.report == report.json.serialized())
    }

    @Test func `the last one before a start is known with its report`() throws {
        let last = SelfTestService.Outcome(
            time: FakeClock().now.wall, passed: true, leaf: Digest(words: (1, 2, 3, 4)),
            report: [0x7b, 0x7d])
        let tested = try Tested(last: last)
        #expect(tested.service.last == last && tested.service.report == nil)
    }

    @Test(arguments: SelfTestCase.allCases)
    func `each act that the pipeline lets through is an alert`(test: SelfTestCase) async throws {
        let tested = try Tested(test)
        let report = try await tested.service.run(by: nil)
        #expect(!report.passed && report.failures.contains { $0.id == test.rawValue })
        #expect(tested.alerts == ["selftest.failed"])
        let record = try #require(tested.results.first)
        #expect(record.fields["passed"] == false)
        #expect(record.fields["codes"]?.array?.contains(.string(test.rawValue)) == true)
        let known = try #require(tested.service.selfTestStatus())
        #expect(!known.isSound(at: tested.bench.clock.now.wall))
    }

    @Test func `one that could not be made is an alert and no result`() async throws {
        let tested = try Tested()
        tested.observed.value = .failure(StoreFailure(reason: "a drill is under way"))
        await #expect(throws: StoreFailure.self) { try await tested.service.run(by: nil) }
        #expect(tested.alerts == ["selftest.failed"] && tested.results.isEmpty)
        #expect(tested.service.selfTestStatus() == nil && !tested.service.isRunning)
    }

    @Test func `a result that is not on record does not count`() async throws {
        let tested = try Tested()
        tested.bench.ledger.refuse(.selfTestResult)
        await #expect(throws: StoreFailure.self) { try await tested.service.run(by: nil) }
        #expect(tested.service.selfTestStatus() == nil)
        #expect(tested.alerts == ["selftest.failed"])
    }

    @Test func `one begins by itself after the start, and again when it is due`() async throws {
        let tested = try Tested()
        tested.service.sweep()
        #expect(!tested.service.isRunning, "the gateway has just started")
        tested.bench.clock.advance(SelfTestService.settling)
        await tested.sweep()
        #expect(tested.results.count == 1)
        tested.bench.clock.advance(.seconds(80_000))
        tested.service.sweep()
        #expect(!tested.service.isRunning && tested.results.count == 1)
        tested.bench.clock.advance(.seconds(6_400))
        tested.service.sweep()
        for _ in 0..<200 where tested.results.count < 2 {
            try? await Task.sleep(for: .milliseconds(5))
        }
        #expect(tested.results.count == 2)
    }

    @Test func `one is overdue a quarter after it was due, and the alert comes once a day`()
        async throws
    {
        let clock = FakeClock()
        let last = SelfTestService.Outcome(
            time: clock.now.wall, passed: true, leaf: Digest(words: (1, 2, 3, 4)))
        let tested = try Tested(last: last)
        tested.observed.value = .failure(StoreFailure(reason: "the log is full"))
        let known = try #require(tested.service.selfTestStatus())
        #expect(known.due == last.time + .seconds(108_000))
        tested.bench.clock.advance(.seconds(107_999))
        tested.service.sweep()
        #expect(!tested.alerts.contains("selftest.overdue"))
        tested.bench.clock.advance(.seconds(1))
        tested.service.sweep()
        tested.service.sweep()
        #expect(tested.alerts.count { $0 == "selftest.overdue" } == 1)
        tested.bench.clock.advance(.seconds(86_400))
        tested.service.sweep()
        #expect(tested.alerts.count { $0 == "selftest.overdue" } == 2)
        #expect(!known.isSound(at: tested.bench.clock.now.wall))
    }

    @Test(arguments: [(107_999, "passed"), (108_000, "overdue"), (30 * 86_400, "overdue")])
    func `an old result is overdue from the start on, and the alert waits an hour`(
        age: Int64, standing: String
    ) throws {
        let last = SelfTestService.Outcome(
            time: FakeClock().now.wall - Duration.seconds(age), passed: true,
            leaf: Digest(words: (1, 2, 3, 4)))
        let tested = try Tested(last: last)
        #expect(tested.service.status()["standing"]?.string == standing)
        tested.service.sweep()
        #expect(!tested.alerts.contains("selftest.overdue"))
    }

    @Test func `a gateway without any result is overdue after an hour`() async throws {
        let tested = try Tested()
        tested.observed.value = .failure(StoreFailure(reason: "a drill is under way"))
        tested.bench.clock.advance(.seconds(3_600))
        tested.service.sweep()
        #expect(tested.alerts.contains("selftest.overdue"))
        #expect(tested.service.status()["standing"]?.string == "unknown")
    }

    @Test(arguments: [(1, 3_600), (86_400, 86_400), (1_000_000, 604_800)])
    func `no interval switches it off`(written: Int, expected: Int64) throws {
        let tested = try Tested(every: .seconds(written))
        #expect(tested.service.status()["every_s"]?.integer == expected)
    }
}
