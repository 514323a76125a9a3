import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import InterlockTrust

@testable import InterlockReview

/// Samples, marks and records of tests. Days are counted from `now`.
enum ReviewFixture {
    static let agent = AgentName("refunds").unwrapped
    static let now = Timestamp(rfc3339: "2026-11-29T12:00:00Z").unwrapped
    static let id = ReviewID("01kag0q9m2c4e6g8j0k2n4p6r8").unwrapped
    static let dana = Person("dana@acme.example").unwrapped
    static let omar = Person("omar@acme.example").unwrapped
    static let period = ReviewPeriod(from: time(-30), to: time(0)).unwrapped
    static let random = [UInt8](0..<32)

    static func time(_ day: Int64) -> Timestamp { now + .seconds(day * 86_400) }
    static func digest(_ number: UInt64) -> Digest { Digest(words: (number, 7, 7, 7)) }

    /// A pseudonym of a person whose name has this letter.
    static func pseudonym(_ byte: UInt8) -> Pseudonym {
        Pseudonym(text: Base64.encode([UInt8](repeating: byte, count: 16)))
    }

    static func record(_ number: UInt64) -> SampledRecord {
        SampledRecord(
            leaf: digest(number), index: number, time: time(-1) + .seconds(Int64(number)))
    }

    /// A sample of one stratum with these records.
    static func sample(
        _ stratum: ReviewStratum = .unattended, of population: Int, size: SampleSize,
        records: Range<UInt64>, spares: Range<UInt64> = 0..<0, tier: Tier = .medium
    ) -> ReviewSample {
        ReviewSample(
            scope: .agent(agent), period: period,
            checkpoint: SampleCheckpoint(origin: "acme/gw1", size: 9_999, root: digest(1)),
            random: random, senders: [],
            agents: [SampledAgent(name: agent, tier: tier, stage: .bounded)],
            strata: [
                StratumSample(
                    agent: agent, stratum: stratum, population: population, size: size,
                    records: records.map(record), spares: spares.map(record))
            ])
    }

    static func mark(
        _ number: UInt64, _ judgement: MarkedRecord.Outcome = .ok, seconds: Int64 = 5
    ) -> MarkedRecord {
        MarkedRecord(
            leaf: digest(number), judgement, by: pseudonym(1), opened: time(1),
            marked: time(1) + .seconds(seconds)
        ).unwrapped
    }

    /// A sign-off in which people retired one item and declined another one.
    static func signOff(
        by reviewers: [Person] = [omar], day: Int64 = 1, drift: [DriftItem],
        controls: [ControlAnswer], findings: [ReviewFinding], earlier: [EarlierFinding] = []
    ) -> ReviewSignOff {
        ReviewSignOff(
            org: "acme", review: id, scope: .agent(agent), period: period, reviewers: reviewers,
            date: time(day), next: time(31), policy: digest(1), sample: digest(2),
            marks: digest(3), retire: digest(4),
            decisions: [
                RetireDecision(item: "refunds billing.list", declined: nil),
                RetireDecision(item: "refunds billing.pay amount", declined: "the sale begins"),
            ], drift: drift, controls: controls, findings: findings, earlier: earlier,
            warnings: ["31 records were marked in less than 2 s each"])
    }

    static func marks(_ all: [MarkedRecord]) -> [Digest: MarkedRecord] {
        Dictionary(uniqueKeysWithValues: all.map { ($0.leaf, $0) })
    }

    /// The lines of a golden file: the document of the sample, and the records of its log.
    static func golden(
        _ name: String, file: StaticString = #filePath
    ) -> (document: [UInt8], leaves: [Leaf]) {
        let path = TestFiles.root(from: file) + "/Tests/ReviewTests/Golden/\(name).jsonl"
        let lines = TestFiles.read(path).unwrapped.split(separator: UInt8(ascii: "\n"))
        return (
            Array(lines[0]),
            lines.dropFirst().map { Leaf(stored: Array($0), hashing: OpenSSLHashing()) }
        )
    }

    /// The population of the request of a sample, without any record.
    static func population(of sample: ReviewSample) -> ReviewPopulation {
        let hashing = OpenSSLHashing()
        return ReviewPopulation(
            scope: sample.scope, period: sample.period,
            seed: SampleSeed(root: sample.checkpoint.root, random: sample.random, hashing)
                .unwrapped,
            agents: sample.agents, senders: Set(sample.senders), hashing: hashing)
    }

    /// Draws the sample of a request again, from these leaves.
    static func draw(
        _ sample: ReviewSample, _ leaves: [Leaf], checkpoint: SampleCheckpoint? = nil,
        from first: UInt64 = 0
    ) throws -> ReviewSample {
        var population = Self.population(of: sample)
        for (offset, leaf) in leaves.enumerated() {
            population.add(leaf, index: first + UInt64(offset))
        }
        return try population.sample(
            checkpoint: checkpoint ?? sample.checkpoint, random: sample.random)
    }
}
