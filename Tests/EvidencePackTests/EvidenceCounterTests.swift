import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockEvidencePack

/// Counts, rules and the choice of samples (docs/evidence.md).
@Suite(.requirement("R134")) struct EvidenceCounterTests {
    private static let run = "01kag0q9m2c4e6g8j0k2n4p6r8"

    @Test
    func `records outside of the period, before its start and of other agents are not counted`()
        throws
    {
        var log = EvidenceFixture()
        try log.add("call.denied", ["agent": "refunds"])
        try log.add("call.denied", at: 999_999_999)
        try log.add("call.denied", at: 1_000_000_000, ["agent": "support"])
        try log.add("call.denied", at: 1_999_999_999)
        try log.add("call.denied", at: 2_000_000_000)
        let query = LeafQuery("call.denied")
        #expect(log.counter().count(query) == 3)
        #expect(log.counter(start: 1).count(query) == 2)
        // Two records name no agent, so they are about all; one of them is after the period.
        #expect(log.counter(agents: ["refunds"]).count(query) == 2)
        #expect(log.counter(agents: ["support"]).count(query) == 2)
        #expect(log.counter().firstAfter == 4)
        #expect(EvidenceFixture().counter().firstAfter == nil)
    }

    @Test func `a violation of a halt, which names no agent, is one of each agent`() throws {
        var log = EvidenceFixture()
        try log.add("kill.violation")
        try log.add("run.degraded", ["agent": "support"])
        let counter = log.counter(agents: ["refunds"])
        #expect(counter.count(LeafQuery("kill.violation")) == 1)
        #expect(counter.count(LeafQuery("run.degraded")) == 0)
        #expect(counter.samples(of: .c08).map(\.kind) == ["violation"])
    }

    @Test func `canaries of drills and self-tests are no production`() throws {
        var log = EvidenceFixture()
        try log.add("call.denied", ["agent": "interlock-drill-selftest"])
        try log.add("call.denied", ["agent": "interlock-drill-http"])
        try log.add("call.denied", ["agent": "refunds"])
        #expect(log.counter().count(LeafQuery("call.denied")) == 1)
        #expect(log.counter().samples(of: .c01).count == 1)
        #expect(log.counter(agents: ["interlock-drill-http"]).count(LeafQuery("call.denied")) == 0)
    }

    @Test func `halts, policies and runs of drills and self-tests are no production`() throws {
        var log = EvidenceFixture()
        let orders = ["01kag0q9m2c4e6g8j0k2n4p6r8", "01kag0q9m2c4e6g8j0k2n4p6r9"]
        for (order, scope) in zip(orders, ["drill", "agent"]) {
            try log.add("kill.requested", ["scope": .string(scope), "req": .string(order)])
            try log.add("kill.effective", ["req": .string(order)])
            // A call that a halt let through shows a fault, whatever was halted.
            try log.add("kill.violation", ["req": .string(order)])
        }
        try log.add("policy.loaded", ["why": "drill"])
        try log.add("policy.loaded", ["why": "start"])
        try log.add("run.start", at: 1, ["agent": "interlock-drill-x", "run": .string(Self.run)])
        try log.add("approval.granted", ["run": .string(Self.run)])
        try log.add("approval.granted")
        let counter = log.counter()
        for type in ["kill.requested", "kill.effective", "policy.loaded", "approval.granted"] {
            #expect(counter.count(LeafQuery(type)) == 1, "\(type)")
        }
        #expect(counter.count(LeafQuery("kill.violation")) == 2 && counter.ofEvals == 0)
        #expect(counter.samples(of: .c08).count == 3)
    }

    @Test func `runs of evals are counted apart`() throws {
        var log = EvidenceFixture()
        try log.add("run.start", at: 1, ["kind": "eval", "run": .string(Self.run)])
        try log.add("call.denied", ["run": .string(Self.run)])
        try log.add("call.denied")
        #expect(log.counter().count(LeafQuery("call.denied")) == 1)
        #expect(log.counter().ofEvals == 1)
    }

    @Test func `a value is compared byte by byte`() throws {
        var log = EvidenceFixture()
        try log.add("call.intent", ["dec": "allow"])
        try log.add("call.intent", ["dec": "Allow"])
        try log.add("call.intent")
        #expect(log.counter().count(LeafQuery("call.intent", "dec", "allow")) == 1)
        #expect(log.counter().count(LeafQuery("call.intent")) == 3)
    }

    @Test func `an outcome without a used approval, and one without an intent, is found`() throws {
        var log = EvidenceFixture()
        func outcome(_ log: inout EvidenceFixture, of intent: Digest) throws {
            try log.add("call.outcome", ["intent": .string(intent.base64)])
        }
        let used = try log.add("call.intent", at: 1, ["dec": "approve"])
        try log.add("approval.used", ["intent": .string(used.base64)])
        try outcome(&log, of: used)
        #expect(log.counter().count(.outcomeWithoutApprovalUsed) == 0)
        let unused = try log.add("call.intent", ["dec": "approve"])
        try outcome(&log, of: unused)
        #expect(log.counter().count(.outcomeWithoutApprovalUsed) == 1)
        #expect(log.counter().count(.outcomeWithoutIntent) == 0)
        try outcome(&log, of: unused)
        #expect(log.counter().count(.outcomeWithoutIntent) == 1)
        try log.add("call.outcome", ["intent": .string(unused.base64), "late": true])
        #expect(log.counter().count(.outcomeWithoutIntent) == 1)
    }

    @Test func `samples are the smallest codes, and show both sides`() throws {
        var log = EvidenceFixture()
        for _ in 0..<40 { try log.add("call.intent", ["dec": "allow"]) }
        let refused = try log.add("call.denied")
        var seeds = SeededGenerator.announced()
        for _ in 0..<rounds(20) {
            let seed = (0..<32).map { _ in UInt8.random(in: 0...255, using: &seeds) }
            let counter = log.counter(samples: 3, seed: seed)
            let chosen = counter.samples(of: .c01)
            let codes = log.records.filter { $0.record.type != "run.start" }
                .map { (hmacSHA256(key: seed, $0.leaf.bytes), $0.leaf) }
                .sorted { $0.0.lexicographicallyPrecedes($1.0) }.map(\.1)
            var expected = Array(codes.prefix(3))
            if !expected.contains(refused) { expected[2] = refused }
            #expect(chosen.map(\.leaf) == expected)
            #expect(log.counter(samples: 1, seed: seed).samples(of: .c01).map(\.leaf) == [codes[0]])
        }
        #expect(log.counter(samples: 100).samples(of: .c01).count == 41)
        #expect(log.counter().samples(of: .c24).isEmpty)
    }

    @Test func `the policies in force, the key, the newest self-test and the statements are found`()
        throws
    {
        var log = EvidenceFixture()
        let policies = (0..<4).map { OpenSSLHashing().sha256([UInt8($0)]) }
        try log.add("policy.loaded", at: 1, ["pol": .string(policies[0].base64)])
        try log.add("policy.loaded", at: 2, ["pol": .string(policies[1].base64)])
        try log.add("policy.loaded", ["pol": .string(policies[2].base64), "why": "drill"])
        try log.add("policy.loaded", ["pol": .string(policies[3].base64)])
        try log.add("policy.loaded", at: 2_000_000_000, ["pol": .string(policies[0].base64)])
        try log.add("key.listed", at: 1, ["use": "evidence", "vkey": "ours"])
        try log.add("key.listed", at: 1, ["use": "witness", "vkey": "ours"])
        try log.add("selftest.result", at: 3_000_000_000)
        try log.add("trust.promoted")
        try log.add("eval.result", at: 1)
        try log.add("approval.breakglass")
        let passkey = OpenSSLHashing().sha256([9])
        try log.add("approver.enrolled", at: 1, ["key": .string(passkey.base64)])
        let population = log.population()
        var found = PeriodRecords(population, evidenceKey: "ours")
        for (index, one) in log.records.enumerated() {
            found.add(
                one.record, one.leaf, at: UInt64(index),
                isCounted: population.contains(one.record, at: UInt64(index)))
        }
        #expect(found.policies == [policies[1], policies[3]])
        #expect(found.keyListing?.index == 5)
        #expect(found.selfTest?.index == 7)
        #expect(found.found(.trust).map(\.index) == [8])
        #expect(found.found(.evals).isEmpty)
        #expect(found.exceptions.map(\.index) == [10])
        #expect(found.enrolments[passkey]?.index == 11 && found.enrolments.count == 1)
        #expect(!found.isCut)
    }

    @Test func `the last reviews of before the period are found, one for each scope`() throws {
        var log = EvidenceFixture()
        for (agent, time, code) in [
            ("a", 1, nil), ("a", 2, nil), ("a", 3, "review.unkept"), ("b", 4, nil), (nil, 5, nil),
            ("b", EvidenceFixture.inside, nil), ("c", 2_500_000_000, nil),
        ] as [(String?, Int64, String?)] {
            var fields = JSONObject()
            fields["agent"] = agent.map { .string($0) }
            fields["code"] = code.map { .string($0) }
            try log.add("review.signed", at: time, fields)
        }
        func earlier(of agents: [String]) -> [UInt64] {
            let population = log.population(agents: agents)
            var found = PeriodRecords(population, evidenceKey: "ours")
            for (index, one) in log.records.enumerated() {
                found.add(
                    one.record, one.leaf, at: UInt64(index),
                    isCounted: population.contains(one.record, at: UInt64(index)))
            }
            #expect(found.found(.reviews).map(\.index) == (agents.contains("a") ? [] : [5]))
            return found.earlierReviews.map(\.index)
        }
        #expect(earlier(of: []) == [1, 3, 4])
        #expect(earlier(of: ["a"]) == [1, 4], "the review of the organisation is about each agent")
    }

    @Test func `records that are not there are gaps`() throws {
        var log = EvidenceFixture()
        let policies = (0..<3).map { OpenSSLHashing().sha256([UInt8($0)]) }
        for (policy, signers) in zip(
            policies, [nil, [], ["qAtvNSliVAlAcLHGLhmnpA=="]] as [JSONValue?])
        {
            var fields: JSONObject = ["pol": .string(policy.base64), "why": "start"]
            fields["by"] = signers
            try log.add("policy.loaded", fields)
        }
        func gaps(_ id: ControlID, hasChannels: Bool = true) -> [String] {
            let population = log.population()
            var found = PeriodRecords(population, evidenceKey: "ours")
            for (index, one) in log.records.enumerated() {
                found.add(one.record, one.leaf, at: UInt64(index), isCounted: true)
            }
            return PeriodGaps.gaps(of: id, found, log.counter(), hasChannels: hasChannels)
                .map(\.text)
        }
        #expect(gaps(.c08) == ["No drill of the kill switch is on record in the period."])
        #expect(
            gaps(.c20)
                == policies.prefix(2).map {
                    "The policy \($0.prefixed) was in force without a signature."
                })
        #expect(gaps(.c21).isEmpty)
        #expect(gaps(.c21, hasChannels: false).count == 1)
        #expect(gaps(.c09).isEmpty && gaps(.c01).isEmpty)
        try log.add("kill.drill")
        #expect(gaps(.c08).isEmpty)
    }

    @Test func `a rate of which no case was seen has the bound of 1 - 0.05^(1 over n)`() {
        let expected = [(1, 950_000), (2, 776_394), (59, 49_508), (300, 9937), (1_000_000, 3)]
        for (total, rate) in expected { #expect(ZeroBound.millionths(of: total) == rate) }
        #expect(ZeroBound.text(of: 300) == "0 in 300: at most 0.9937 % (one-sided, 95 %)")
        #expect(ZeroBound.text(of: 0) == "0 in 0: nothing follows")
    }
}
