import InterlockJSON
import InterlockKeys
import InterlockModel
import InterlockYAML
import Testing

@testable import InterlockPolicy

@Suite struct `The file of the sign-off` {
    private let hashing = OpenSSLHashing()

    private func signOff() throws -> SignOff {
        let person = try #require(Person("li@acme.example"))
        let key = try #require(PublicKey(bytes: [UInt8](repeating: 7, count: 32)))
        var signOff = SignOff(
            identity: RevisionIdentity(
                digest: hashing.sha256([1]), tests: hashing.sha256([2]),
                files: [
                    "safety.yaml": hashing.sha256([3]), "approvals/a.yaml": hashing.sha256([4]),
                ]
            ), author: person)
        try signOff.add(
            SignOff.Signature(
                by: person, key: key, at: exampleTime, bytes: [UInt8](repeating: 9, count: 64)))
        return signOff
    }

    @Test func `what is written reads back the same`() throws {
        let signOff = try signOff()
        #expect(try SignOff(parsing: try signOff.bytes()) == signOff)
    }

    @Test func `the statement covers everything but the signatures`() throws {
        let signOff = try signOff()
        let text = String(decoding: try signOff.statement(), as: UTF8.self)
        #expect(
            text == """
                {"author":"li@acme.example","digest":"\(hashing.sha256([1]).prefixed)","files":{\
                "approvals/a.yaml":"\(hashing.sha256([4]).prefixed)",\
                "safety.yaml":"\(hashing.sha256([3]).prefixed)"},\
                "tests":"\(hashing.sha256([2]).prefixed)"}
                """)
    }

    @Test func `an unknown member, a doubled key and a bad signature's form are refused`() throws {
        let good = String(decoding: try signOff().bytes(), as: UTF8.self)
        let entry = try #require(good.firstRange(of: "{\"at\""))
        let end = try #require(good.firstRange(of: "}],"))
        let signature = good[entry.lowerBound..<end.lowerBound] + "}"
        let bad = [
            good.replacing("\"author\"", with: "\"extra\":1,\"author\""),
            good.replacing("\"by\"", with: "\"bye\""),
            good.replacing("}],", with: "},\(signature)],"),
            good.replacing("sha256:", with: "sha1:"),
            good.replacing("li@acme.example", with: "li"),
            "", "[]", "{",
        ]
        for text in bad {
            #expect(text != good)
            #expect(throws: FormError.self) { try SignOff(parsing: Array(text.utf8)) }
        }
    }

    @Test func `the digest of the tests does not depend on their order`() throws {
        func digest(_ tests: [String]) throws -> Digest {
            let text = """
                interlock: 1
                org: acme
                agents: {a: {owner: li@acme.example}}
                servers: {s: {tools: {t: {class: read}}}}
                tests:
                \(tests.map { "  - \($0)" }.joined(separator: "\n"))
                """
            let document = try #require(PolicyReader.read(policyFiles(text)).document)
            return try #require(document.testsDigest(hashing))
        }
        let tests = ["{agent: a, call: s.t, expect: deny}", "{agent: a, call: s.t, expect: allow}"]
        #expect(try digest(tests) == digest(tests.reversed()))
        #expect(try digest(tests) != digest([tests[0]]))
    }
}
