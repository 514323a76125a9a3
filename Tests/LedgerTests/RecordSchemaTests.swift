import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockLedger

@Suite struct RecordSchemaTests {
    @Test(arguments: RecordType.allCases)
    func `every type is on the page once, and its fields are named as leaves can hold them`(
        type: RecordType
    ) {
        #expect(RecordType.groups.flatMap(\.types).count(where: { $0 == type }) == 1)
        let schema = RecordSchema.of(type)
        #expect(schema.about.hasSuffix("."))
        for field in schema.fields {
            #expect((1...LeafWriter.maximumNameBytes).contains(field.name.utf8.count))
            #expect(!field.meaning.isEmpty)
            let isLedgers = RecordSchema.placed.contains(field.name)
            #expect(!isLedgers || (field.name == "agent" && schema.chain != .inRun))
        }
    }

    @Test(.requirement("R093"))
    func `a draft with a field more, of another kind, or without one it must have is refused`()
        throws
    {
        let good = RecordDraft(
            .callDenied, run: nil, fields: ["dec": "deny", "code": "policy.no_grant", "cnt": 1])
        try check(good)
        for (name, value, error) in [
            ("mail", "x", .undeclaredField("mail")), ("rs", 1, .ledgersField("rs")),
            ("cnt", -1, .badValue("cnt")), ("cnt", "1", .badValue("cnt")),
            ("code", nil, .missingField("code")), ("dec", "allow", .badValue("dec")),
            ("call", "01kag0qwz3b5d7f9h1k3m5p7rl", .badValue("call")),
            ("pol", "short", .badValue("pol")), ("in", "text", .badValue("in")),
            ("obl", [""], .badValue("obl")),
        ] as [(String, JSONValue?, LeafError)] {
            var bad = good
            bad.fields[name] = value
            #expect(throws: error) { try check(bad) }
        }
    }

    @Test func `what closes a call names it`() throws {
        let run = RunContext(
            run: try #require(RunID("01kag0q9v4x2m7c8d3e5f6g7h8")),
            agent: try #require(AgentName("refunds")), subject: nil)
        let intent = JSONValue.string(Digest(bytes: [UInt8](repeating: 1, count: 32))?.base64 ?? "")
        let ends: [RecordType: JSONObject] = [
            .callOutcome: ["intent": intent, "st": "ok", "code": "0", "dur": 1],
            .callUnknown: ["intent": intent, "why": "crash", "last": "intent"],
        ]
        for (type, fields) in ends {
            var draft = RecordDraft(type, run: run, fields: fields)
            #expect(throws: LeafError.missingField("call")) { try check(draft) }
            draft.fields["call"] = "01kag0qwz3b5d7f9h1k3m5p7r9"
            try check(draft)
        }
    }

    @Test func `a record stands in a run's chain exactly where its type belongs there`() throws {
        let run = RunContext(
            run: try #require(RunID("01kag0q9v4x2m7c8d3e5f6g7h8")),
            agent: try #require(AgentName("refunds")), subject: nil)
        #expect(throws: LeafError.wrongChain) {
            try check(RecordDraft(.runEnd, run: nil, fields: ["cnt": 1, "code": "ended"]))
        }
        #expect(throws: LeafError.wrongChain) {
            try check(RecordDraft(.clockStep, run: run, fields: ["step": 1]))
        }
        try check(RecordDraft(.sessionClosed, run: run, fields: ["sess": "abc"]))
        try check(RecordDraft(.sessionClosed, run: nil, fields: ["sess": "abc"]))
    }

    @Test func `a payload is a field like others`() throws {
        let payload = SealedPayload(
            unstored: "why", plaintext: [1], salt: [UInt8](repeating: 0, count: 32),
            hashing: hashing)
        var draft = RecordDraft(
            .killReleased, run: nil,
            fields: ["req": "01kag0qwz3b5d7f9h1k3m5p7r9", "kep": 2, "by": []])
        #expect(throws: LeafError.missingField("why")) { try check(draft) }
        draft.payloads = [payload]
        try check(draft)
        try check(draft.unstored)
        draft.payloads = [payload, payload]
        #expect(throws: LeafError.self) {
            try Leaf(draft, at: LeafTests.somewhere, hashing: hashing)
        }
    }

    @Test(arguments: ExampleLeaves.all)
    func `the published example leaves fit, but for what this version adds`(
        example: ExampleLeaves.Example
    ) throws {
        let record = try StoredRecord(parsing: Array(example.text.utf8))
        let type = try #require(RecordType(rawValue: record.type))
        #expect(RecordSchema.of(type).deviations(of: record) == [])
    }

    private func check(_ draft: RecordDraft) throws {
        try RecordSchema.of(draft.type).check(draft)
    }
}
