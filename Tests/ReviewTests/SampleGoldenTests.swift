import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockReview

/// Samples of a fixed seed over a fixed log, which `Tests/Verifier/reviewsample.py` draws as well.
@Suite(.requirement("R129")) struct SampleGoldenTests {
    @Test(arguments: ["agent", "org", "gated"])
    func `the golden samples are drawn again`(_ name: String) throws {
        let (document, leaves) = ReviewFixture.golden(name)
        let sample = try ReviewSample(parsing: document)
        var range = CompactRange()
        let tree = TreeHash(OpenSSLHashing())
        for leaf in leaves { range.append(leaf.hash, tree) }
        #expect(range.root(tree) == sample.checkpoint.root)
        let drawn = try ReviewFixture.draw(sample, leaves)
        #expect(drawn == sample)
        #expect(drawn.differences(from: sample).isEmpty)
        #expect(try drawn.canonical() == document)
    }

    @Test func `parsed records and scanned ones give the same sample`() throws {
        let (document, leaves) = ReviewFixture.golden("agent")
        let sample = try ReviewSample(parsing: document)
        var population = ReviewFixture.population(of: sample)
        for (index, leaf) in leaves.enumerated() {
            let record = try StoredRecord(parsing: leaf.bytes)
            population.add(record, hash: leaf.hash, index: UInt64(index))
        }
        let drawn = try population.sample(checkpoint: sample.checkpoint, random: sample.random)
        #expect(drawn == sample)
    }

    @Test func `a record that is removed, added or moved is found`() throws {
        let (document, leaves) = ReviewFixture.golden("agent")
        let sample = try ReviewSample(parsing: document)
        let size = SampleCheckpoint(
            origin: sample.checkpoint.origin, size: sample.checkpoint.size - 1,
            root: sample.checkpoint.root)
        let unattended = try #require(
            sample.strata.first { $0.stratum == .unattended })
        for record in unattended.records.prefix(5) {
            var fewer = leaves
            fewer.remove(at: Int(record.index))
            let drawn = try ReviewFixture.draw(sample, fewer, checkpoint: size)
            #expect(drawn.strata != sample.strata)
            #expect(!drawn.differences(from: sample).isEmpty)
        }
        #expect(throws: SampleFault.self) {
            try ReviewFixture.draw(sample, Array(leaves.dropLast()))
        }
        #expect(throws: SampleFault.self) {
            try ReviewFixture.draw(sample, leaves + leaves.suffix(1))
        }
        #expect(throws: SampleFault.self) {
            try ReviewFixture.draw(sample, Array(leaves.dropFirst(2)), from: 2)
        }
    }

    @Test func `a leaf that is no record ends the drawing`() throws {
        let (document, leaves) = ReviewFixture.golden("agent")
        let sample = try ReviewSample(parsing: document)
        var damaged = leaves
        damaged[7] = Leaf(stored: Array("{}".utf8), hashing: OpenSSLHashing())
        #expect(throws: SampleFault.malformed(7)) {
            try ReviewFixture.draw(sample, damaged)
        }
    }

    @Test(arguments: [
        ("\"v\":1", "\"v\":2"), ("review-sample", "review"), ("\"scope\":\"agent:", "\"scope\":\""),
        ("\"stratum\":\"always\"", "\"stratum\":\"never\""), ("\"size\":59", "\"size\":0"),
        ("\"tier\":\"medium\"", "\"tier\":\"none\""), ("\"random\":\"AA", "\"random\":\""),
        ("\"to\":\"2026", "\"to\":\"2025"), ("\"v\":1", "\"v\":1,\"w\":1"),
        ("\"stage\":2", "\"stage\":4"),
    ])
    func `a changed document is refused`(_ old: String, _ new: String) throws {
        var text = String(decoding: ReviewFixture.golden("agent").document, as: UTF8.self)
        let place = try #require(text.firstRange(of: old))
        text.replaceSubrange(place, with: new)
        let bytes = Array(text.utf8)
        #expect(throws: FormError.self) { try ReviewSample(parsing: bytes) }
    }

    @Test(arguments: ["eval.excepted", "trust.excepted"])
    func `consequential calls under an exception are all read`(_ type: String) throws {
        let sample = try ReviewSample(parsing: ReviewFixture.golden("agent").document)
        var population = ReviewFixture.population(of: sample)
        let head = "{\"agent\":\"refunds\","
        let run = "\"node\":\"gw1\",\"run\":\"01kag0q9v4x2m7c8d3e5f00001\""
        let intent = ReviewFixture.digest(10).base64
        let time = "\"ts\":1795169700000000"
        let lines = [
            "\(head)\"node\":\"gw1\",\"t\":\"\(type)\",\(time),\"until\":1795169800000000",
            "\(head)\"node\":\"gw1\",\"risk\":\"write\","
                + "\"run\":\"01kag0q9v4x2m7c8d3e5f00001\",\"t\":\"call.intent\",\(time)",
            "\(head)\"intent\":\"\(intent)\",\(run),\"t\":\"call.outcome\",\(time)",
        ]
        let checkpoint = try Self.add(lines, to: &population, of: sample)
        let drawn = try population.sample(checkpoint: checkpoint, random: sample.random)
        #expect(drawn.strata.first { $0.stratum == .always }?.population == 1)
    }

    @Test(arguments: ["interlock-drill-selftest", "interlock-drills", "stranger"])
    func `canaries of drills are in no sample, and another unknown agent is`(
        _ agent: String
    ) throws {
        let sample = try ReviewSample(parsing: ReviewFixture.golden("org").document)
        var population = ReviewFixture.population(of: sample)
        let head = "{\"agent\":\"\(agent)\",\"node\":\"gw1\","
        let run = "\"run\":\"01kag0q9v4x2m7c8d3e5f00001\",\"t\":"
        let time = "\"ts\":1795169700000000"
        let lines = [
            "\(head)\"risk\":\"write\",\(run)\"call.intent\",\(time)",
            "\(head)\(run)\"call.denied\",\(time)",
        ]
        let checkpoint = try Self.add(lines, to: &population, of: sample)
        let drawn = try population.sample(checkpoint: checkpoint, random: sample.random)
        let found = drawn.strata.filter { sameBytes($0.agent.text, agent) }
        #expect(found.reduce(0) { $0 + $1.population } == (agent == "stranger" ? 2 : 0))
        #expect(drawn.agents.contains { $0.name.isCanary } == false)
    }

    @Test func `who approved the sampled calls is counted`() throws {
        let (document, _) = ReviewFixture.golden("agent")
        let sample = try ReviewSample(parsing: document)
        var population = ReviewFixture.population(of: sample)
        let names = [ReviewFixture.pseudonym(1), ReviewFixture.pseudonym(2)]
        let intent = ReviewFixture.digest(9).base64
        let run = "\"run\":\"01kag0q9v4x2m7c8d3e5f00001\""
        let node = "\"node\":\"gw1\",\(run)"
        let head = "{\"agent\":\"refunds\","
        let granted = names.map {
            "\(head)\"appr\":\"a\",\"by\":\"\($0.text)\",\(node),\"t\":\"approval.granted\""
        }
        let lines = [
            "\(head)\"node\":\"gw1\",\"risk\":\"write\",\(run),\"t\":\"call.intent\","
                + "\"tool\":\"pay__refund\"",
            "\(head)\"appr\":\"a\",\"intent\":\"\(intent)\",\(node),\"t\":\"approval.requested\"",
            granted[0], granted[1], granted[0],
            "\(head)\"appr\":\"a\",\"intent\":\"\(intent)\",\(node),\"t\":\"approval.used\"",
            "\(head)\"intent\":\"\(intent)\",\(node),\"t\":\"call.outcome\"",
        ]
        let timed = lines.map { "\($0),\"ts\":1795169700000000" }
        let checkpoint = try Self.add(timed, to: &population, of: sample)
        let drawn = try population.draw(checkpoint: checkpoint, random: sample.random)
        #expect(drawn.approvals == [names[0]: 1, names[1]: 1])
        #expect(drawn.sample.strata.first { $0.stratum == .approved }?.population == 1)
    }

    /// Adds records from the first index on, each a text without its end. Returns the checkpoint of a log of them.
    private static func add(
        _ lines: [String], to population: inout ReviewPopulation, of sample: ReviewSample
    ) throws -> SampleCheckpoint {
        for (index, line) in lines.enumerated() {
            population.add(
                try StoredRecord(parsing: Array("\(line),\"v\":1}".utf8)),
                hash: ReviewFixture.digest(UInt64(index) + 9), index: UInt64(index))
        }
        return SampleCheckpoint(
            origin: "acme", size: UInt64(lines.count), root: sample.checkpoint.root)
    }
}
