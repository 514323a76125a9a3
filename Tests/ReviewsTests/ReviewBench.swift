import InterlockCredentials
import InterlockEvidence
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
@testable import InterlockReview
@testable import InterlockReviews
@testable import InterlockTrust
@testable import InterlockTrustStages

/// A gateway whose agents are reviewed. `li` owns the clerk, which is of tier medium, and `dana` the reader, of tier low.
struct ReviewBench {
    /// Files in memory.
    final class Files: ReviewFiles {
        let contents = Mutexed<[String: [UInt8]]>([:])
        let fails = Mutexed(false)

        func write(_ bytes: [UInt8], as name: String) async throws(StoreFailure) {
            if fails.value { throw StoreFailure(reason: "full") }
            var all = contents.value
            all[name] = bytes
            contents.value = all
        }

        func read(_ name: String) async throws(StoreFailure) -> [UInt8]? { contents.value[name] }
    }

    /// A log with some calls of the clerk.
    final class Log: ReviewLog {
        let isReadable = Mutexed(true)
        let erased = Mutexed<Set<Digest>>([])
        /// The number of calls that ran without a person.
        let count = Mutexed(3)
        let approvals = Mutexed<[Pseudonym: Int]>([:])
        let drift = Mutexed<[DriftItem]>([])
        let tier = Mutexed(Tier.medium)
        /// The time of the first record, if others were pruned.
        let first = Mutexed<Timestamp?>(nil)
        /// Runs while a sample is drawn, as the wait for a checkpoint does.
        let during = Mutexed<(@Sendable () async -> Void)?>(nil)
        private static let bytes = Array(
            #"{"node":"gw1","t":"call.intent","ts":1,"v":1}"#.utf8)

        func draw(_ request: SampleRequest) async throws(Problem) -> DrawnSample {
            guard isReadable.value else { throw Problem(.notRead, "no log") }
            if let wait = during.value {
                during.value = nil
                await wait()
            }
            let records = (0..<count.value + 2).map { number in
                SampledRecord(
                    leaf: ReviewBench.leaf(number), index: UInt64(number),
                    time: request.period.start)
            }
            let agents = request.agents.map {
                SampledAgent(name: $0.name, tier: tier.value, stage: $0.stage)
            }
            let sample = ReviewSample(
                scope: request.scope, period: request.period,
                checkpoint: SampleCheckpoint(
                    origin: "acme.example/gw1/1", size: 900, root: Digest(words: (9, 9, 9, 9))),
                random: request.random, senders: [], agents: agents,
                strata: [
                    StratumSample(
                        agent: ReviewBench.clerk, stratum: .unattended, population: 40,
                        size: .most(count.value), records: Array(records.prefix(count.value)),
                        spares: Array(records.dropFirst(count.value)))
                ])
            return DrawnSample(sample: sample, approvals: approvals.value, drift: drift.value)
        }

        func begins() async throws(Problem) -> Timestamp? { first.value }

        func record(
            _ sampled: SampledRecord, under checkpoint: SampleCheckpoint
        ) async -> ReadRecord? {
            guard isReadable.value else { return nil }
            guard let record = try? StoredRecord(parsing: Self.bytes) else { return nil }
            return ReadRecord(
                record: ReadRecord.Part(
                    index: sampled.index, record: record, bytes: Self.bytes, payloads: []),
                others: [], isErased: erased.value.contains(sampled.leaf))
        }
    }

    /// Scopes of which one tool is not used.
    struct Use: ReviewUseReader {
        let policy: Digest

        func use(in sample: ReviewSample) async throws(Problem) -> ReviewUse {
            let idle = ToolUse(agent: ReviewBench.clerk, tool: tool)
            return ReviewUse(
                use: ScopeUse(period: sample.period, policy: policy, tools: [idle]),
                proposal: RetireProposal(items: [
                    RetireProposal.Item(agent: ReviewBench.clerk, tool: tool, change: .remove)
                ]), patch: (text: "--- a\n+++ b\n", digest: Digest(words: (8, 8, 8, 8))),
                notes: [], count: 12)
        }

        private var tool: ToolAddress { ToolAddress(wireName: "desk__note").unwrapped }
    }

    static let clerk = StageFixture.clerk
    static let reader = StageFixture.reader
    static let day = Duration.seconds(86_400)
    private static let hashing = OpenSSLHashing()

    let bench: Bench
    let log: MemoryControlLog
    let files: Files
    let reader = Log()
    let registry: ReviewRegistry
    let stages: TrustStageRegistry
    let service: ReviewService
    let keys: Mutexed<AuthorizedKeys?>
    let by = People.all["joe"].pseudonym

    /// - Parameters:
    ///   - log, files: those of an earlier bench, to simulate a restart.
    ///   - clock: that of the earlier bench.
    ///   - seen: the latest time of the audit log.
    init(
        _ changes: [(String, String)] = [], log: MemoryControlLog = MemoryControlLog(),
        files: Files = Files(), clock: FakeClock = FakeClock(), seen: Timestamp? = nil,
        passkeys: Passkeys? = nil
    ) async throws {
        self.log = log
        self.files = files
        let ledger = MemoryLedger()
        let added = FakeClock().now.wall - .seconds(30 * 86_400)
        let people = try People.all.trust(added: added)
        let trust = try AuthorizedKeys(
            org: people.org, people: people.people, nodes: people.nodes,
            passkeys: passkeys?.enrolled(at: added) ?? [])
        let keys = Mutexed<AuthorizedKeys?>(trust)
        self.keys = keys
        let policy = try BenchPolicy.snapshot(changes)
        stages = try await TrustStageRegistry(
            from: log, under: policy, trust: { keys.value }, criteria: { TrustCriteria.standard },
            clock: clock, hashing: Self.hashing, verifier: OpenSSLVerifier(),
            note: { ledger.note($0) })
        registry = try await ReviewRegistry(
            from: log, under: policy, stages: stages, seen: seen, trust: { keys.value },
            clock: clock,
            hashing: Self.hashing, verifier: OpenSSLVerifier(),
            passkeys: passkeys?.voting.judge(Self.hashing))
        bench = try Bench(
            policy: changes, ledger: ledger, stages: stages, reviews: registry, clock: clock)
        service = ReviewService(
            gateway: bench.gateway, registry: registry, stages: stages, log: reader, files: files,
            sources: ReviewService.Sources(
                passkeys: passkeys?.voting, use: Use(policy: bench.policy.digest)))
    }

    /// A bench whose clerk is of tier high, so that two people sign a review.
    static func ofHighTier(passkeys: Passkeys? = nil) async throws -> ReviewBench {
        let made = try await ReviewBench([("tier: medium", "tier: high")], passkeys: passkeys)
        await made.service.sweep()
        made.reader.tier.value = .high
        return made
    }

    static func leaf(_ number: Int) -> Digest { Digest(words: (UInt64(number), 4, 4, 4)) }

    /// The visibility of the operator.
    var everything: Visibility { Visibility(operator: People.all["li"].person) }

    var now: Timestamp { bench.clock.now.wall }
    var clerkReview: AgentReview? { registry.review(of: Self.clerk) }

    /// Advances the clock by days, and looks once.
    func pass(days: Int64) async {
        bench.clock.advance(.seconds(days * 86_400))
        await service.sweep()
    }

    /// The alerts about reviews, as `CODE SUBJECT`.
    var alerts: [String] {
        bench.ledger.drafts(of: .alarmRaised).compactMap { draft in
            guard let code = draft.fields["code"]?.string, code.hasPrefix("review.") else {
                return nil
            }
            return code + " " + (draft.fields["subject"]?.string ?? "")
        }
    }

    var overdue: [String] {
        bench.ledger.drafts(of: .reviewOverdue).map { $0.fields["agent"]?.string ?? "org" }
    }

    /// Lets two people promote the clerk to stage 1.
    func promote() async throws {
        let promotion = try #require(
            Promotion(
                org: "acme", agent: Self.clerk, from: .gated, to: .assisted,
                owner: People.all["li"].person,
                deciders: [People.all["ines"].person, People.all["paul"].person],
                date: now.wholeSecond, expires: now + .seconds(60 * 86_400),
                rationale: "Four weeks of routing, 412 clean runs, both rejections are fixed",
                criteria: Self.hashing.sha256([1]), evidence: Self.hashing.sha256([2]),
                fingerprint: Self.hashing.sha256([3]), policy: bench.policy.digest))
        let payload = try promotion.canonical()
        let signatures = try ["ines", "paul"].flatMap { name in
            try People.all[name].key.envelope(.promotion, payload).signatures
        }
        let envelope = Envelope(
            payloadType: .promotion, payload: payload, signatures: signatures)
        try await stages.keep(SignedPromotion(envelope, verifiedBy: OpenSSLVerifier()))
    }

    /// Starts a review of the clerk from the end of the last one on, and of the last week at least.
    func start(_ scope: ReviewScope = .agent(ReviewBench.clerk)) async throws -> ReviewID {
        let known = registry.reviews(of: scope)
        let end = known?.signed?.signOff.period.end ?? known?.began ?? now
        let period = try #require(
            ReviewPeriod(from: min(end, now - .seconds(7 * 86_400)), to: now - .seconds(60)))
        let answer = try await service.start(scope, period, by: by)
        return try #require(answer["review"]?.string.flatMap { ReviewID($0) }, "\(answer)")
    }

    /// Opens and marks the first records.
    func mark(_ id: ReviewID, _ count: Int, after pause: Duration = .seconds(5)) async throws {
        for number in 0..<count {
            _ = try await service.read(Self.leaf(number), of: id, by: by)
            bench.clock.advance(pause)
            _ = try await service.mark(
                Self.leaf(number), of: id, as: "ok", severity: nil, note: "", by: by)
        }
    }

    /// The statements of a reviewer when everything is in order.
    func answers(
        _ reviewers: [String], nextIn days: Int64 = 7, findings: JSONValue = [],
        drift: JSONValue = []
    ) -> JSONValue {
        [
            "next": .string((now + .seconds(days * 86_400)).wholeSecond.rfc3339(fractionDigits: 0)),
            "reviewers": .array(reviewers.map { .string(People.all[$0].person.address) }),
            "policy": .string(bench.policy.digest.prefixed),
            "parts": ["scopes", "retire", "drift", "controls"],
            "controls": .array(
                ReviewControl.allCases.map {
                    ["control": .string($0.rawValue), "ok": .bool(true)]
                }), "findings": findings, "drift": drift,
        ]
    }

    /// The reasons why a review is not signed; empty if nothing is missing.
    func missing(_ id: ReviewID, _ answers: JSONValue) async throws -> [String] {
        let draft = try await service.draft(id, answers)
        #expect((draft["document"] == nil) == !(draft["missing"]?.array ?? []).isEmpty)
        return (draft["missing"]?.array ?? []).compactMap(\.string)
    }

    /// The document of a review with signatures.
    func document(
        _ id: ReviewID, _ answers: JSONValue, signedBy names: [String]
    ) async throws -> JSONValue {
        let draft = try await service.draft(id, answers)
        let payload = try #require(draft["document"], "\(draft)").canonical()
        let signatures = try names.flatMap { name in
            try People.all[name].key.envelope(.review, payload).signatures
        }
        return Envelope(payloadType: .review, payload: payload, signatures: signatures).json
    }

    /// The same document, signed by another reviewer.
    func document(_ signed: JSONValue, signedBy name: String) throws -> JSONValue {
        try People.all[name].key.envelope(.review, try Envelope(json: signed).payload).json
    }

    func problem(_ id: ReviewID, _ body: JSONValue) async -> Problem? {
        do throws(Problem) {
            _ = try await service.sign(id, body, by: by)
            return nil
        } catch { return error }
    }

    /// Revokes the keys of a person.
    func revoke(_ name: String) throws {
        let trust = try #require(keys.value)
        let people = trust.people.map { one -> TrustedPerson in
            guard one.person == People.all[name].person else { return one }
            return TrustedPerson(
                person: one.person, pseudonym: one.pseudonym, roles: one.roles,
                keys: one.keys.map {
                    EnrolledKey(
                        key: $0.key, added: $0.added, founding: $0.founding, revoked: now)
                })
        }
        keys.value = try AuthorizedKeys(org: trust.org, people: people, nodes: trust.nodes)
    }

    /// Reviews the clerk from the start to the signature of `ines`.
    func review(nextIn days: Int64 = 7) async throws {
        let id = try await start()
        try await mark(id, 3)
        let body = try await document(id, answers(["ines"], nextIn: days), signedBy: ["ines"])
        let problem = await problem(id, body)
        #expect(problem == nil, "\(problem?.detail ?? "")")
    }
}

/// The agents of the policy of tests.
enum StageFixture {
    static let clerk = AgentName("clerk").unwrapped
    static let reader = AgentName("reader").unwrapped
}
