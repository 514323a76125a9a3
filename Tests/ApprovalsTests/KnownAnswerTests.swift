import InterlockApprovals
import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

/// The examples of docs/specs/approvals.md, section 3.
@Suite struct KnownAnswerTests {
    private let hashing = OpenSSLHashing()

    private func exampleCall(_ arguments: JSONValue) throws -> CanonicalCall {
        try CanonicalCall(
            org: "acme", agent: try #require(AgentName("refunds")),
            run: try #require(RunID("01kag0q9v4x2m7c8d3e5f6g7h8")),
            subject: Pseudonym(text: "QLXTbNQ1YTnI03wFjLK7rw=="),
            address: ToolAddress(
                server: try #require(ServerName("billing")),
                tool: try #require(ToolName("refund_request"))),
            stage: .supervised, environment: "production",
            pin: try #require(
                Digest(
                    prefixed:
                        "sha256:e055234db9cebb0ca296fd892b6dead0eb2a62e95a8231ed77274bc5271b98a2")),
            arguments: arguments)
    }

    @Test func `the canonical call has the length and digest of the specification`() throws {
        let call = try exampleCall(["amount_cents": 42000, "currency": "EUR", "order": "A-1009"])
        #expect(call.bytes.count == 359)
        #expect(
            call.digest(hashing).prefixed
                == "sha256:a28f1786fb86e8ae9db400f01d47ad3eee5cc9cf4bba6c0b020887fb53ed37d1")
        #expect(try CanonicalCall(json: call.json) == call)
    }

    @Test(.requirement("R087", "R091")) func `the order of keys is no change, everything else is`()
        throws
    {
        let digest = try exampleCall(["amount_cents": 42000, "currency": "EUR", "order": "A-1009"])
            .digest(hashing)
        #expect(
            try exampleCall(["order": "A-1009", "currency": "EUR", "amount_cents": 42000])
                .digest(hashing) == digest)
        for changed: JSONValue in [
            ["amount_cents": 42001, "currency": "EUR", "order": "A-1009"],
            ["amount_cents": "42000", "currency": "EUR", "order": "A-1009"],
            ["amount_cents": 42000, "currency": "EUR", "order": "A-1009", "note": ""],
            ["amount_cents": 42000, "currency": "EUR"],
            ["amount_cents": 42000, "currency": "EUR", "order": "A‑1009"],
            ["amount_cents": 42000, "currency": "EUR", "Order": "A-1009"],
        ] {
            #expect(try exampleCall(changed).digest(hashing) != digest)
        }
        #expect(
            try exampleCall(["name": "\u{e9}"]).digest(hashing)
                != exampleCall(["name": "e\u{301}"]).digest(hashing))
    }

    @Test func `arguments that are no object, or no canonical number, are refused`() {
        #expect(throws: FormError.self) { try exampleCall(["a"]) }
        #expect(throws: FormError.self) { try exampleCall(.null) }
        #expect(throws: FormError.self) { try exampleCall(["n": .integer(1 << 60)]) }
    }

    private func exampleVote() throws -> Vote {
        Vote(
            request: try #require(ApprovalID("01kag0qx0e2g4j6m8p0r2t4v6x")), revision: 1,
            verdict: .approve, group: "finance", quorum: 2, uses: 1,
            call: try #require(
                Digest(
                    prefixed:
                        "sha256:a28f1786fb86e8ae9db400f01d47ad3eee5cc9cf4bba6c0b020887fb53ed37d1")),
            policy: try #require(
                Digest(
                    prefixed:
                        "sha256:e2db58b23be57f6a56f4fd53065b4a4c484b4507e6b729db0e640198541f7073")),
            bind: try #require(Digest(base64: "KpXxt5IGe5cPF99OoH9nPpa1Z7reJg/1g3kJpJ6ZDMs=")),
            expires: try #require(Timestamp(rfc3339: "2026-11-20T10:15:00Z")),
            useWithin: .seconds(600), approver: Pseudonym(text: "qAtvNSliVAlAcLHGLhmnpA=="),
            nonce: Array(0..<32))
    }

    @Test func `the vote has the bytes, challenge and signature of the specification`() throws {
        let vote = try exampleVote()
        let bytes = try vote.canonical()
        #expect(bytes.count == 493)
        let message = preAuthenticationEncoding(PayloadType.vote.text, bytes)
        #expect(
            Base64.encodeURL(hashing.sha256(message).bytes)
                == "DohgWo4pLbyHFx0k2V3UpL8J8yPdbMnB5MIV8pYQeS8")
        let secret = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
        let key = try #require(Ed25519PrivateKey(seed: Hex.decode(secret).unwrapped))
        #expect(
            Base64.encode(key.sign(message))
                == "eQh4AzrsOrOvaRAdqkZUvFIu7TeKdpj+zl+gAFzf/R9YKcm5cIwRawmv5ixvdspr5Gq/PCxwa0HdizcvnBAoBQ=="
        )
        #expect(try Vote(parsing: bytes) == vote)
    }

    @Test(arguments: [
        ("\"v\":1", "\"v\":2"), ("\"type\":\"vote\"", "\"type\":\"batch\""),
        ("\"approve\"", "\"Approve\""), ("\"quorum\":2", "\"quorum\":0"),
        ("\"quorum\":2", "\"quorum\":10"), ("\"quorum\":2", "\"quorum\":2.0"),
        ("\"uses\":1", "\"uses\":11"), ("\"use_within_s\":600", "\"use_within_s\":3601"),
        ("sha256:a28f", "sha256:A28F"), ("sha256:a28f", "a28f"),
        ("2026-11-20T10:15:00Z", "2026-11-20T10:15:00.000Z"),
        (
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh"
        ),
        ("\"revision\":1", "\"revision\":0"), ("\"group\":\"finance\",", ""),
        ("\"v\":1", "\"v\":1,\"va\":1"), ("{", " {"),
    ])
    func `a statement with one thing changed is refused`(_ old: String, _ new: String) throws {
        let text = String(decoding: try exampleVote().canonical(), as: UTF8.self)
        let changed = text.replacing(old, with: new)
        try #require(changed != text)
        #expect(throws: FormError.self) { try Vote(parsing: Array(changed.utf8)) }
    }
}
