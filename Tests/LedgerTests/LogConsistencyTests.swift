import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockLedger

/// Requirements on a log as a whole, beyond those on chains and closings.
@Suite(.requirement("R097")) struct LogConsistencyTests {
    private static let policy = Digest(words: (1, 2, 3, 4))
    private static let run = "01kag0q9v4x2m7c8d3e5f6g7h9"

    private func record(_ type: String, _ fields: JSONObject = [:]) throws -> StoredRecord {
        var object: JSONObject = ["v": 1, "t": .string(type), "ts": 5, "node": "gw1"]
        for (name, value) in fields.members { object[name] = value }
        return try StoredRecord(parsing: try JSONValue.object(object).canonical())
    }

    private func fault(_ records: [StoredRecord], from index: UInt64 = 0) -> ConsistencyFault? {
        var log = LogConsistency()
        for (place, record) in records.enumerated() {
            do throws(ConsistencyFault) { try log.add(record, at: index + UInt64(place)) } catch {
                return error
            }
        }
        return nil
    }

    private func intent(_ policy: Digest, agent: String = "clerk", at sequence: Int64 = 0) throws
        -> StoredRecord
    {
        try record(
            "call.intent",
            [
                "run": .string(Self.run), "rs": .integer(sequence), "agent": .string(agent),
                "pol": .string(policy.base64),
            ])
    }

    private func start() throws -> [StoredRecord] {
        [
            try record("log.genesis"),
            try record("policy.loaded", ["pol": .string(Self.policy.base64)]),
        ]
    }

    @Test func `a log of one node, policy and agent is fine`() throws {
        let end = try record("run.end", ["run": .string(Self.run), "rs": 1, "agent": "clerk"])
        let again = try intent(Self.policy, agent: "another")
        #expect(try fault(start() + [intent(Self.policy), end, again]) == nil)
    }

    @Test func `another node, agent or genesis is a fault`() throws {
        #expect(try fault(start() + [record("log.tick", ["node": "gw2"])]) == .otherNode)
        #expect(try fault(start() + [record("log.genesis")]) == .secondGenesis)
        let two = [try intent(Self.policy), try intent(Self.policy, agent: "another", at: 1)]
        #expect(try fault(start() + two) == .otherAgent)
    }

    @Test func `a call is under a policy that was loaded, where the log can tell`() throws {
        let other = Digest(words: (9, 9, 9, 9))
        #expect(try fault(start() + [intent(other)]) == .unknownPolicy)
        #expect(try fault([record("log.genesis"), intent(other)]) == nil, "none was loaded")
        let continued =
            [try record("log.genesis", ["from": ["o": "x"]])] + (try start().dropFirst())
        #expect(try fault(continued + [intent(other)]) == nil, "the log before may have it")
        #expect(try fault(start().dropFirst() + [intent(other)], from: 300) == nil, "pruned")
    }

    @Test(
        arguments: [
            ("tool", ["x"]), ("tool", ""), ("agent", 1), ("pol", "none"), ("intent", true),
            ("need", "2"), ("cnt", -1), ("appr", "apr_1"), ("st", ["a": 1]),
        ] as [(String, JSONValue)])
    func `a field of another kind is a fault`(name: String, value: JSONValue) throws {
        #expect(try fault(start() + [record("x.y", [name: value])]) == .otherKind(name))
    }

    @Test func `most fields have one kind, in whatever type`() {
        #expect(LogConsistency.kinds.count > 100)
        for name in ["step", "why", "use", "to", "by", "at"] as [ExactText] {
            #expect(LogConsistency.kinds[name] == nil, "\(name.text)")
        }
    }
}
