import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockLedger

@Suite struct LeafMemberLayoutTests {
    /// Several names have the same first eight bytes; one consists of only these.
    private static let names = [
        "a", "approval", "approval_a", "approval_b", "approvals", "bo", "boots", "nod", "runs",
        "zz",
    ]

    @Test func `members stand in the order of their names, wherever the draft has them`() throws {
        var random = SeededGenerator("leaf order")
        for _ in 0..<200 {
            var draft = RecordDraft(.callIntent, run: Bool.random(using: &random) ? run() : nil)
            for name in Self.names.shuffled(using: &random)
                .prefix(Int.random(in: 0...10, using: &random))
            {
                if Bool.random(using: &random) {
                    draft.fields[name] = 1
                } else {
                    draft.payloads.append(payload(name))
                }
            }
            let own = draft.run == nil ? 6 : 11
            let order = try LeafMemberLayout(draft)
            let found = (0..<order.count).map { name(of: order[$0], in: draft) }
            #expect(found.count == draft.fields.count + draft.payloads.count + own)
            #expect(found == found.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }))
        }
    }

    @Test(arguments: ["approval", "approval_a", "zz", "ts"])
    func `a name that stands there twice is refused`(name: String) {
        var draft = RecordDraft(.callIntent, run: nil, fields: [name: 1, "approval_b": 1])
        draft.payloads = [payload(name)]
        #expect(throws: LeafError.ledgersField(name)) { try LeafMemberLayout(draft) }
    }

    private func name(of member: LeafMemberLayout.Member, in draft: RecordDraft) -> String {
        switch member {
        case .field(let place): draft.fields.members[Int(place)].key
        case .payload(let place): draft.payloads[Int(place)].field
        case .own(let field): field.rawValue
        }
    }

    private func payload(_ name: String) -> SealedPayload {
        SealedPayload(
            unstored: name, plaintext: [1], salt: [UInt8](repeating: 1, count: 32), hashing: hashing
        )
    }

    private func run() -> RunContext? {
        AgentName("clerk").map {
            RunContext(
                run: RunID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10)), agent: $0,
                subject: nil)
        }
    }
}
