import InterlockModel
import InterlockTesting
import InterlockYAML
import Testing

@testable import InterlockPolicy

/// `eval` of a policy: whose signatures count under results of evals (docs/specs/evals.md, sections 5 and 6).
@Suite(.requirement("R116")) struct `Keys of evals` {
    private static let key = "ed25519:" + Base64.encode([UInt8](repeating: 7, count: 32))
    private static let other = "ed25519:" + Base64.encode([UInt8](repeating: 8, count: 32))

    private static func read(_ eval: String, people: String = "") -> ParsedPolicy {
        PolicyReader.read(
            policyFiles(
                """
                interlock: 1
                org: acme
                \(people)
                eval: \(eval)
                agents: {a: {}}
                """))
    }

    @Test func `a key is known with all people who can use it alone`() throws {
        let read = Self.read(
            """
            {signers: [{key: "\(Self.key)", held_by: [li@acme.example]}], \
            attesters: [{key: "\(Self.other)", held_by: []}]}
            """)
        let eval = try #require(read.document).eval
        let li = try #require(Person("li@acme.example"))
        #expect(eval.signers.map(\.heldBy) == [[li]] && eval.attesters.map(\.heldBy) == [[]])
        #expect(eval.signers.map { "ed25519:\($0.key)" } == [Self.key])
        #expect(!eval.signers[0].isIndependent(of: [li]))
        #expect(eval.attesters[0].isIndependent(of: [li]))
    }

    @Test func `a policy without keys lets no signature count`() throws {
        let read = PolicyReader.read(policyFiles("interlock: 1\norg: acme\nagents: {a: {}}\n"))
        let eval = try #require(read.document).eval
        #expect(eval.signers.isEmpty && eval.attesters.isEmpty)
    }

    @Test(
        arguments: [
            ("{signers: [{key: \"\(key)\"}]}", FindingCode.missingKey),
            ("{signers: [{key: \"ed25519:abc\", held_by: []}]}", .wrongType),
            ("{signers: [{key: \"\(key.dropFirst(8))\", held_by: []}]}", .wrongType),
            ("{signer: []}", .unknownKey),
            (
                "{signers: [{key: \"\(key)\", held_by: []}, {key: \"\(key)\", held_by: []}]}",
                .duplicateName
            ),
        ])
    func `a key that is malformed, duplicate or without its holders is an error`(
        eval: String, code: FindingCode
    ) {
        let read = Self.read(eval)
        #expect(read.document == nil)
        #expect(read.findings.all.map(\.code) == [code])
    }

    @Test func `a holder is one of the people of the policy`() {
        let read = Self.read(
            "{signers: [{key: \"\(Self.key)\", held_by: [mo@acme.example]}]}",
            people: "people: [li@acme.example]")
        #expect(read.findings.all.map(\.code) == [.noSuchName])
    }
}
