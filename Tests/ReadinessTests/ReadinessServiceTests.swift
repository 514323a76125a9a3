import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTesting
import InterlockTrust
import Testing

@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockReadiness

/// Readiness of agents: each check by itself, and what is not known (docs/specs/evidence.md, section 7).
@Suite(.requirement("R149")) struct ReadinessServiceTests {
    private static let clerk = AgentName("clerk").unwrapped

    /// A deployment in which everything is well; a test changes one thing.
    private struct World: Sendable {
        var owner = ReadinessAnswer.ok("confirmed")
        var eval = ReadinessAnswer.ok("passed")
        var sandbox = ReadinessAnswer.ok("attested")
        var controls = ReadinessAnswer.ok("no gap")
        var incidents = ReadinessAnswer.ok("none is open")
        var drill: [DrillStatus.Last]? = [Self.passed]
        var review: ReviewStatus? = ReviewStatus(due: Self.now + .seconds(60), signed: nil)
        var selfTest: SelfTestStatus? = Self.test()
        var quorum: (any CallQuorum)? = FixedQuorum(ageSeconds: 60)
        var policy: [(String, String)] = []

        static let now = FakeClock().now.wall
        static let passed = DrillStatus.Last(
            ended: now - .seconds(60), passed: true, isSignedOff: true)

        static func test(
            passed: Bool = true, at time: Timestamp = World.now - .seconds(60),
            due: Timestamp = World.now + .seconds(60)
        ) -> SelfTestStatus {
            SelfTestStatus(time: time, passed: passed, leaf: Digest.sample, due: due)
        }

        func service() throws -> ReadinessService {
            let world = self
            let bench = try Bench(policy: policy, quorum: quorum)
            return ReadinessService(
                gateway: bench.gateway,
                sources: ReadinessSources(
                    owner: { _ in world.owner }, eval: { _ in world.eval },
                    sandbox: { _ in world.sandbox }, controls: { _ in world.controls },
                    incidents: { _ in world.incidents },
                    drill: {
                        DrillStatus(
                            every: .seconds(31 * 86_400), declared: nil, reports: world.drill,
                            now: Self.now)
                    }, reviews: world.standings, selfTests: world.standings))
        }

        private var standings: Standings { Standings(review: review, selfTest: selfTest) }
    }

    private struct Standings: ReviewStatusReader, SelfTestStatusReader {
        let review: ReviewStatus?
        let selfTest: SelfTestStatus?
        func reviewStatus(of agent: AgentName?) -> ReviewStatus? { review }
        func selfTestStatus() -> SelfTestStatus? { selfTest }
    }

    private struct FixedQuorum: CallQuorum {
        let isConfigured = true
        let ageSeconds: Int64?
        let lags: [(witness: String, seconds: Int64)] = []
        func reach() async -> Bool { true }
    }

    private func readiness(
        _ world: World, of agent: AgentName? = ReadinessServiceTests.clerk,
        for stage: AutonomyStage? = nil
    ) async throws -> Readiness {
        try await world.service().readiness(of: agent, for: stage)
    }

    /// Everything but these checks is ok.
    private func check(
        _ world: World, _ expected: [ReadinessCheck: ReadinessResult.State],
        of agent: AgentName? = ReadinessServiceTests.clerk, for stage: AutonomyStage? = nil,
        _ location: SourceLocation = #_sourceLocation
    ) async throws {
        let found = try await readiness(world, of: agent, for: stage)
        #expect(
            found.results.map(\.check) == ReadinessCheck.allCases, sourceLocation: location)
        for result in found.results {
            #expect(
                result.state == expected[result.check] ?? .ok,
                "\(result.check): \(result.text)", sourceLocation: location)
            #expect((result.remedy == nil) == (result.state == .ok), sourceLocation: location)
        }
        #expect(found.isReady == expected.isEmpty, sourceLocation: location)
    }

    @Test func `an agent and the organisation are ready if every check is ok`() async throws {
        try await check(World(), [:])
        try await check(World(), [:], of: nil)
        try await check(World(), [:], for: .full)
    }

    @Test func `what one part misses, or does not know, is named alone`() async throws {
        let parts: [(ReadinessCheck, WritableKeyPath<World, ReadinessAnswer>)] = [
            (.owner, \.owner), (.eval, \.eval), (.incidents, \.incidents),
        ]
        let answers: [(ReadinessAnswer, ReadinessResult.State)] = [
            (.missing("x"), .missing), (.unknown("x"), .unknown),
        ]
        for (name, part) in parts {
            for (answer, state) in answers {
                var world = World()
                world[keyPath: part] = answer
                try await check(world, [name: state])
                try await check(world, [name: state], of: nil)
            }
        }
    }

    @Test func `a review counts until it is due`() async throws {
        var world = World()
        world.review = nil
        try await check(world, [.review: .unknown])
        world.review = ReviewStatus(due: World.now, signed: nil)
        try await check(world, [.review: .missing])
        world.review = ReviewStatus(
            due: World.now + .seconds(60), signed: nil, seen: World.now + .seconds(60))
        try await check(world, [.review: .missing])
    }

    @Test func `a drill must be on record and count`() async throws {
        var world = World()
        world.drill = nil
        try await check(world, [.drill: .missing])
        world.drill = [
            DrillStatus.Last(ended: World.now - .seconds(60), passed: false, isSignedOff: true)
        ]
        try await check(world, [.drill: .missing])
    }

    @Test func `a self-test must be there, have passed, be young, and not be of the future`()
        async throws
    {
        var world = World()
        world.selfTest = nil
        try await check(world, [.selfTest: .missing, .approvals: .missing])
        world.selfTest = World.test(passed: false)
        try await check(world, [.selfTest: .missing, .approvals: .missing])
        world.selfTest = World.test(due: World.now)
        try await check(world, [.selfTest: .missing, .approvals: .missing])
        world.selfTest = World.test(at: World.now + .seconds(1))
        try await check(world, [.selfTest: .unknown, .approvals: .unknown])
    }

    @Test func `the log has a witness that cosigned in the last day`() async throws {
        var world = World()
        world.quorum = nil
        try await check(world, [.log: .missing])
        world.quorum = FixedQuorum(ageSeconds: nil)
        try await check(world, [.log: .unknown])
        world.quorum = FixedQuorum(ageSeconds: 86_399)
        try await check(world, [:])
        world.quorum = FixedQuorum(ageSeconds: 86_400)
        try await check(world, [.log: .missing])
    }

    @Test func `a gap of a control counts for an agent of tier high alone`() async throws {
        var world = World()
        world.controls = .missing("C05 has a gap")
        try await check(world, [:])
        try await check(world, [.controls: .missing], of: nil)
        world.policy = [("tier: medium", "tier: high")]
        // Other findings about the tier are not the subject.
        let found = try await readiness(world)
        #expect(found.results.first { $0.check == .controls }?.state == .missing)
    }

    @Test func `a stage above the ceiling of the file is not permitted`() async throws {
        var world = World()
        world.policy = [
            (
                "purpose: Clerks\n    tier: medium\n    stage: trusted",
                "purpose: Clerks\n    tier: medium\n    stage: supervised"
            )
        ]
        try await check(world, [:])
        try await check(world, [.scopes: .missing], for: .bounded)
    }

    @Test func `an agent that the policy does not have is not ready`() async throws {
        let found = try await readiness(World(), of: AgentName("nobody").unwrapped)
        #expect(found.results.isEmpty && !found.isReady)
    }

    /// Two agents with one secret are an error of the policy, E404, so that no gateway asks for them.
    @Test func `an agent has a secret of its own, which no other agent uses`() async throws {
        func state(_ clerk: String, _ reader: String) async throws -> ReadinessResult.State? {
            var world = World()
            let until = "rotate_by: \"2027-01-01\""
            world.policy = [
                (
                    "environment: staging\n",
                    "environment: staging\n    credentials: {clerk: {header: A, secret: \(clerk), \(until)}, reader: {header: A, secret: \(reader), \(until)}}\n"
                )
            ]
            let found = try await readiness(world)
            return found.results.first { $0.check == .credentials }?.state
        }
        #expect(try await state("one", "two") == .ok)
    }

    @Test func `five agents are named, and all are counted`() {
        let found = (1...7).map { number -> (agent: AgentName, answers: ReadinessAnswers) in
            var answers = ReadinessAnswers()
            answers[.owner] = number == 7 ? .ok("confirmed") : .missing("none")
            return (agent: AgentName("a\(number)").unwrapped, answers: answers)
        }
        let result = ReadinessAnswers.joined(.owner, found).result(of: .owner, remedy: "x")
        #expect(
            result.text
                == "6 of 7 agents: a1 (none), a2 (none), a3 (none), a4 (none), a5 (none), …")
    }

    @Test func `a check without an answer is unknown, and so is an organisation without agents`() {
        let answers = ReadinessAnswers()
        let results = answers.results(for: Self.clerk)
        #expect(results.map(\.check) == ReadinessCheck.allCases)
        #expect(results.allSatisfy { $0.state == .unknown })
        #expect(
            ReadinessAnswers.joined(.owner, []).result(of: .owner, remedy: "x").state == .unknown)
    }
}

extension Digest {
    fileprivate static var sample: Digest {
        Digest(bytes: [UInt8](repeating: 7, count: 32)).unwrapped
    }
}
