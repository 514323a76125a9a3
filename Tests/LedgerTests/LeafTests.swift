import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockLedger

@Suite struct LeafTests {
    @Test(arguments: ExampleLeaves.all)
    func `the example leaves have their published size and hash and are canonical`(
        example: ExampleLeaves.Example
    ) throws {
        let bytes = Array(example.text.utf8)
        #expect(bytes.count == example.size)
        #expect(Leaf(stored: bytes, hashing: hashing).hash.hex == example.hash)
        _ = try StoredRecord(parsing: bytes)
    }

    @Test(arguments: ExampleLeaves.all)
    func `the example leaves are written to the byte from their drafts`(
        example: ExampleLeaves.Example
    ) throws {
        let value = try JSONValue(parsing: Array(example.text.utf8), limits: .agent)
        let object = try #require(value.object)
        let type = try #require(object["t"]?.string.flatMap(RecordType.init))
        var draft = RecordDraft(type, run: try context(object))
        for (key, value) in object.members where !Self.placed.contains(key) {
            draft.fields[key] = value
        }
        let placement = Placement(
            moment: ClockReading(
                wall: Timestamp(microseconds: try #require(object["ts"]?.integer)),
                boot: BootTime(microseconds: try #require(object["mono"]?.integer))),
            boot: try #require(object["boot"]?.string), node: try #require(object["node"]?.string),
            link: ChainLink(
                sequence: try #require(object["rs"]?.integer),
                previous: object["prev"]?.string.flatMap { Digest(base64: $0) }))
        let leaf = try Leaf(draft, at: placement, hashing: hashing)
        #expect(String(decoding: leaf.bytes, as: UTF8.self) == example.text)
        #expect(leaf.hash.hex == example.hash)
    }

    static let placed: Set<String> = [
        "v", "t", "ts", "mono", "boot", "node", "run", "rs", "prev", "agent", "subj",
    ]

    private func context(_ object: JSONObject) throws -> RunContext {
        RunContext(
            run: try #require(object["run"]?.string.flatMap { RunID($0) }),
            agent: try #require(object["agent"]?.string.flatMap { AgentName($0) }),
            subject: object["subj"]?.string.map { Pseudonym(text: $0) })
    }

    @Test func `what is written is the RFC 8785 form, whatever the fields`() throws {
        var random = SeededGenerator("leaf fields")
        for _ in 0..<200 {
            var writer = LeafWriter(prefix: 0x00)
            let names = (0..<Int.random(in: 0...9, using: &random)).map { _ in name(&random) }
            for name in Set(names).sorted() { try writer.add(name, value(3, &random)) }
            let bytes = try writer.end().dropFirst()
            let parsed = try JSONValue(parsing: Array(bytes), limits: .agent)
            #expect(try parsed.canonical() == Array(bytes))
        }
    }

    @Test(
        arguments: [
            (JSONValue.null, LeafError.badValue("x")),
            (.number(JSONNumber(text: "1.5", double: 1.5)), .badValue("x")),
            (.integer(1 << 53), .badValue("x")),
            (.string(String(repeating: "a", count: 129)), .badValue("x")),
            (.string("a\nb"), .badValue("x")),
            ([[[[1]]]], .badValue("x")),
            (["Bad": 1], .badName("Bad")),
        ] as [(JSONValue, LeafError)])
    func `values that no leaf may hold are refused`(value: JSONValue, error: LeafError) {
        #expect(throws: error) {
            var writer = LeafWriter(prefix: 0x00)
            try writer.add("x", value)
        }
    }

    @Test
    func `fields of the ledger, names that are none and records above 4096 bytes are refused`() {
        for name in ["v", "ts", "node", "rs", "prev"] {
            let draft = RecordDraft(.configChanged, run: nil, fields: [name: "x"])
            #expect(throws: LeafError.ledgersField(name)) {
                try Leaf(draft, at: Self.somewhere, hashing: hashing)
            }
        }
        var large = RecordDraft(
            .peopleRole, run: nil, fields: ["by": "qAtvNSliVAlAcLHGLhmnpA=="])
        large.fields["roles"] = .array(
            (0..<40).map { _ in .string(String(repeating: "a", count: 110)) })
        #expect(throws: LeafError.tooLarge) {
            try Leaf(large, at: Self.somewhere, hashing: hashing)
        }
        for intent in [nil, "", "QUFBQUE=", .integer(1)] as [JSONValue?] {
            var draft = RecordDraft(.callOutcome, run: nil, fields: ["st": "ok"])
            draft.fields["intent"] = intent
            #expect(throws: LeafError.missingField("intent")) { try RecordRole(draft) }
        }
    }

    static let somewhere = Placement(
        moment: ClockReading(wall: Timestamp(microseconds: 1), boot: BootTime(microseconds: 2)),
        boot: "9c1f04ab", node: "gw1", link: .start)

    private func name(_ random: inout SeededGenerator) -> String {
        String(
            (0..<Int.random(in: 1...6, using: &random)).map { _ in
                "abcxyz_019".randomElement(using: &random) ?? "a"
            })
            + "q"
    }

    private func value(_ depth: Int, _ random: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 5 : 3), using: &random) {
        case 0: return .integer(Int64.random(in: -(1 << 53) + 1..<(1 << 53), using: &random))
        case 1: return .bool(Bool.random(using: &random))
        case 2:
            let alphabet = Array("ab\"\\/é漢😀 ~")
            return .string(
                String(
                    (0..<Int.random(in: 0...9, using: &random)).map { _ in
                        alphabet.randomElement(using: &random) ?? "a"
                    }))
        case 3:
            return .array(
                (0..<Int.random(in: 0...3, using: &random)).map { _ in value(depth - 1, &random) })
        default:
            var object = JSONObject()
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                object[name(&random)] = value(depth - 1, &random)
            }
            return .object(object)
        }
    }
}
