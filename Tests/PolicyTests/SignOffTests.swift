import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockYAML
import Testing

@testable import InterlockPolicy
@testable import InterlockPolicyReview

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
                by: person, at: exampleTime, made: .key(key, [UInt8](repeating: 9, count: 64))))
        return signOff
    }

    @Test func `what is written reads back the same`() throws {
        let signOff = try signOff()
        #expect(try SignOff(parsing: try signOff.bytes()) == signOff)
    }

    @Test func `a sign-off that names the revision before it reads back, and is another statement`()
        throws
    {
        let plain = try signOff()
        let named = SignOff(
            identity: plain.identity, author: plain.author, after: hashing.sha256([5]),
            signatures: plain.signatures)
        #expect(try SignOff(parsing: try named.bytes()) == named)
        let statement = try named.statement()
        #expect(try SignOff(statement: statement).after == hashing.sha256([5]))
        #expect(try statement != plain.statement())
        let text = String(decoding: statement, as: UTF8.self)
        let other = text.replacing("\"after\":\"sha256:", with: "\"after\":\"sha512:")
        #expect(other != text)
        #expect(throws: FormError.self) { try SignOff(statement: Array(other.utf8)) }
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

    private func byPasskey() throws -> SignOff {
        var signOff = try signOff()
        let assertion = try PasskeyAssertion(
            credential: try #require(PasskeyID(bytes: [1, 2])), authenticatorData: [3],
            clientDataJSON: [4], signature: [5])
        try signOff.add(
            SignOff.Signature(
                by: try #require(Person("ines@acme.example")), at: exampleTime,
                made: .passkey(assertion)))
        return signOff
    }

    @Test func `a signature by passkey has the assertion in place of key and signature`() throws {
        let signOff = try byPasskey()
        let text = String(decoding: try signOff.bytes(), as: UTF8.self)
        #expect(
            text.contains(
                """
                {"at":"\(exampleTime.rfc3339(fractionDigits: 0))","authenticatorData":"Aw",\
                "by":"ines@acme.example","clientDataJSON":"BA","credential":"AQI","signature":"BQ"}
                """))
        #expect(try SignOff(parsing: Array(text.utf8)) == signOff)
        #expect(try signOff.statement() == self.signOff().statement())
        var again = signOff
        try again.add(try #require(signOff.signatures.last))
        #expect(again == signOff, "one of the same passkey is replaced")
    }

    @Test func `a signature of both kinds, half of one or a doubled passkey is refused`() throws {
        let good = String(decoding: try byPasskey().bytes(), as: UTF8.self)
        let entry = try #require(good.firstRange(of: "{\"at\""))
        let first = good[entry.lowerBound...].prefix { $0 != "}" } + "}"
        let rest = good[good.index(entry.lowerBound, offsetBy: first.count + 1)...]
        let second = rest.prefix { $0 != "}" } + "}"
        #expect(second.contains("credential"))
        let bad = [
            good.replacing(second, with: second + "," + second),
            good.replacing("\"authenticatorData\":\"Aw\",", with: ""),
            good.replacing("\"signature\":\"BQ\"", with: "\"sig\":\"BQ\""),
            good.replacing("\"credential\":\"AQI\",", with: ""),
            good.replacing("\"clientDataJSON\":\"BA\"", with: "\"clientDataJSON\":\"\""),
            good.replacing("\"Aw\"", with: "\"Aw==\""), good.replacing("\"Aw\"", with: "3"),
            good.replacing("\"key\":", with: "\"credential\":\"AQI\",\"key\":"),
        ]
        for text in bad {
            #expect(text != good)
            #expect(throws: FormError.self) { try SignOff(parsing: Array(text.utf8)) }
        }
    }

    @Test func `a statement is read in its canonical form alone`() throws {
        let bare = SignOff(identity: try signOff().identity, author: try signOff().author)
        let statement = try bare.statement()
        #expect(try SignOff(statement: statement) == bare)
        let text = String(decoding: statement, as: UTF8.self)
        for other in [
            text + "\n", text.replacing(",", with: ", "), String(text.dropLast()) + ",\"x\":1}",
            String(decoding: try signOff().bytes(), as: UTF8.self),
        ] {
            #expect(throws: FormError.self) { try SignOff(statement: Array(other.utf8)) }
        }
    }

    private func identity(_ more: String) throws -> RevisionIdentity {
        let text = """
            interlock: 1
            org: acme
            agents: {a: {owner: li@acme.example}}
            servers: {s: {tools: {t: {class: read}}}}
            """
        let document = try #require(PolicyReader.read(policyFiles(text + "\n" + more)).document)
        return try #require(
            RevisionIdentity(of: document, digest: hashing.sha256([1]), parts: [:], hashing))
    }

    @Test func `tests are signed for in whatever order they stand`() throws {
        func tests(_ lines: [String]) throws -> RevisionIdentity {
            try identity("tests:\n" + lines.map { "  - \($0)" }.joined(separator: "\n"))
        }
        let lines = ["{agent: a, call: s.t, expect: deny}", "{agent: a, call: s.t, expect: allow}"]
        #expect(try tests(lines) == tests(lines.reversed()))
        #expect(try tests(lines) != tests([lines[0]]))
        #expect(try tests([lines[0]]).files.isEmpty)
    }

    @Test func `a waiver is signed for, though the policy digest leaves it out`() throws {
        func waived(until date: String) throws -> RevisionIdentity {
            try identity(
                "waivers: [{lint: W210, at: agents.a, owner: li@acme.example, until: \(date), "
                    + "reason: none else}]")
        }
        #expect(try waived(until: "2027-01-01") != waived(until: "2027-01-02"))
        #expect(try waived(until: "2027-01-01") != identity(""))
    }
}
