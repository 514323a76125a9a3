import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockTrust

/// The documents that people sign (docs/specs/trust-and-review.md, section 5).
@Suite(.requirement("R126")) struct PromotionTests {
    private let keys = (21...23).map {
        Ed25519PrivateKey(seed: [UInt8](repeating: UInt8($0), count: 32)).unwrapped
    }
    private static let names = ["dana", "omar", "ines"]

    /// The keys of `dana`, `omar` and `ines`.
    private func trust(
        _ age: Duration = .seconds(86_400), founding: Bool = false, revoked: Int? = nil
    ) throws -> AuthorizedKeys {
        let added = StageFixture.time(0) - age
        return try AuthorizedKeys(
            org: "acme",
            people: Self.names.enumerated().map { number, name in
                TrustedPerson(
                    person: try #require(Person("\(name)@acme.example")),
                    pseudonym: Pseudonym(text: name), roles: [.resume],
                    keys: [
                        EnrolledKey(
                            key: keys[number].publicKey, added: added, founding: founding,
                            revoked: number == revoked ? StageFixture.time(1) : nil)
                    ])
            }, nodes: [])
    }

    private func signed(
        _ promotion: Promotion?, by numbers: [Int], type: PayloadType = .promotion
    ) throws -> SignedPromotion {
        let payload = try #require(promotion).canonical()
        let message = preAuthenticationEncoding(type.text, payload)
        return try SignedPromotion(
            Envelope(
                payloadType: type, payload: payload,
                signatures: numbers.map { .key(keys[$0].publicKey, keys[$0].sign(message)) }),
            verifiedBy: OpenSSLVerifier())
    }

    private func people(_ names: [String]) throws -> [Person] {
        try names.map { try #require(Person("\($0)@acme.example")) }
    }

    @Test func `a promotion has one form, and each member of it counts`() throws {
        let promotion = try #require(StageFixture.promotion(.assisted, .bounded, on: 0))
        let read = try signed(promotion, by: [0, 1]).promotion
        #expect(read == promotion)
        let text = String(decoding: try promotion.canonical(), as: UTF8.self)
        let digests = [1, 2, 3].map { TrustFixture.digest($0).prefixed }
        #expect(
            text == "{\"agent\":\"refunds\",\"criteria\":\"\(digests[0])\","
                + "\"date\":\"2026-11-29T12:00:00Z\","
                + "\"deciders\":[\"dana@acme.example\",\"omar@acme.example\"],"
                + "\"evidence\":\"\(digests[1])\",\"expires\":\"2027-02-27T12:00:00Z\","
                + "\"fingerprint\":\"\(digests[2])\",\"from\":1,\"org\":\"acme\","
                + "\"owner\":\"dana@acme.example\",\"policy\":\"\(TrustFixture.policy.prefixed)\","
                + "\"rationale\":\"\(StageFixture.rationale)\",\"to\":2,\"type\":\"promotion\","
                + "\"undoes\":false,\"v\":1}")
    }

    @Test func `what no person may decide has no form`() throws {
        #expect(StageFixture.promotion(.gated, .bounded, on: 0) == nil, "a stage is skipped")
        #expect(StageFixture.promotion(.bounded, .assisted, on: 0) == nil)
        #expect(StageFixture.promotion(.gated, .gated, on: 0) == nil)
        // The log shows an end of the cool-down by a rise alone.
        #expect(StageFixture.promotion(.assisted, .assisted, on: 0, undoes: true) == nil)
        #expect(StageFixture.promotion(.assisted, .assisted, on: 0) != nil)
        #expect(StageFixture.promotion(.gated, .assisted, on: 0, lasting: 0) == nil)
        #expect(StageFixture.promotion(.gated, .assisted, on: 0, lasting: 367) == nil)
        #expect(StageFixture.promotion(.gated, .assisted, on: 0, by: []) == nil)
        let twice = [StageFixture.owner, StageFixture.owner]
        #expect(StageFixture.promotion(.gated, .assisted, on: 0, by: twice) == nil)
        #expect(throws: FormError.self) {
            try signed(StageFixture.promotion(.gated, .assisted, on: 0), by: [0], type: .vote)
        }
    }

    @Test(arguments: [
        ("\"to\":2", "\"to\":3"), ("\"to\":2", "\"to\":0"), ("\"to\":2", "\"to\":4"),
        ("\"v\":1", "\"v\":2"), ("\"type\":\"promotion\"", "\"type\":\"vote\""),
        ("\"undoes\":false,", ""), ("\"undoes\":false", "\"undoes\":0"),
        ("T12:00:00Z\",\"deciders\"", "\",\"deciders\""), ("Four weeks", ""),
        ("\"from\":1", "\"from\":1,\"from\":1"), ("sha256:", "sha1:"),
        ("\"owner\":\"dana", "\"owner\":\"Dana"),
        ("dana@acme.example\",\"omar", "omar@acme.example\",\"omar"),
        // An agent is no person: neither it nor its service decides.
        ("dana@acme.example\",\"omar@acme.example\"", "dana@acme.example\",\"refunds\""),
        ("\"deciders\":[\"dana@acme.example\",", "\"deciders\":[\"agent:refunds\","),
    ])
    func `a changed document is refused`(_ old: String, _ new: String) throws {
        let promotion = try #require(StageFixture.promotion(.assisted, .bounded, on: 0))
        var text = String(decoding: try promotion.canonical(), as: UTF8.self)
        let place = try #require(text.firstRange(of: old))
        text.replaceSubrange(place, with: new)
        if old == "Four weeks" {
            text.replace(StageFixture.rationale.dropFirst(10), with: " short")
        }
        let payload = Array(text.utf8)
        #expect(throws: FormError.self) {
            try Promotion(Envelope(payloadType: .promotion, payload: payload, signatures: []))
        }
    }

    @Test func `each decider signs, no other person does, and the stage decides how many`() throws {
        let trust = try trust()
        func signers(
            _ from: AutonomyStage, _ to: AutonomyStage, _ deciders: [String], by numbers: [Int],
            undoes: Bool = false
        ) throws -> [String]? {
            try signed(
                StageFixture.promotion(
                    from, to, on: 0, by: people(deciders), undoes: undoes), by: numbers
            ).signers(among: trust, tier: .medium)?.map(\.text)
        }
        // `dana` is the owner.
        #expect(try signers(.gated, .assisted, ["dana"], by: [0]) == ["dana"])
        #expect(try signers(.gated, .assisted, ["dana"], by: [1]) == nil)
        #expect(try signers(.gated, .assisted, ["dana"], by: [0, 1]) == nil)
        #expect(try signers(.gated, .assisted, ["dana", "omar"], by: [0]) == nil)
        #expect(try signers(.assisted, .bounded, ["dana"], by: [0]) == nil)
        #expect(try signers(.assisted, .bounded, ["omar"], by: [1]) == ["omar"])
        #expect(try signers(.bounded, .full, ["omar"], by: [1]) == nil)
        #expect(try signers(.bounded, .full, ["omar", "ines"], by: [1, 2]) == ["omar", "ines"])
        #expect(try signers(.gated, .assisted, ["dana"], by: [0], undoes: true) == nil)
        // An attestation is by the owner, and from stage 2 on by another person besides.
        #expect(try signers(.assisted, .assisted, ["omar"], by: [1]) == nil)
        #expect(try signers(.assisted, .assisted, ["dana"], by: [0]) == ["dana"])
        #expect(try signers(.bounded, .bounded, ["dana"], by: [0]) == nil)
        #expect(try signers(.bounded, .bounded, ["omar", "ines"], by: [1, 2]) == nil)
        #expect(
            try signers(.bounded, .bounded, ["dana", "omar"], by: [0, 1]) == ["dana", "omar"])
        #expect(
            try signers(.gated, .assisted, ["dana", "omar"], by: [0, 1], undoes: true)
                == ["dana", "omar"])
    }

    @Test func `a revoked key counts no more, and what it signed stays genuine`() throws {
        let one = try signed(
            StageFixture.promotion(.assisted, .bounded, on: 0, by: people(["omar"])), by: [1])
        #expect(one.signers(among: try trust(), tier: .low) != nil)
        #expect(one.signers(among: try trust(revoked: 1), tier: .low) == nil)
        #expect(one.isGenuine(among: try trust(revoked: 1)))
        let younger = try trust(.seconds(-60))
        #expect(one.signers(among: younger, tier: .low) == nil)
        #expect(!one.isGenuine(among: younger), "the key is younger than the document")
        let forged = SignedPromotionForgery.of(one)
        #expect(forged.signers(among: try trust(), tier: .low) == nil)
        #expect(!forged.isGenuine(among: try trust()))
    }

    @Test func `at tier high a key counts a day after it was added, a founding one at once`()
        throws
    {
        let one = try signed(
            StageFixture.promotion(.assisted, .bounded, on: 0, by: people(["omar"])), by: [1])
        let new = try trust(.seconds(86_399))
        #expect(one.signers(among: new, tier: .high) == nil)
        #expect(one.signers(among: new, tier: .medium) != nil)
        #expect(one.signers(among: try trust(), tier: .high) != nil)
        #expect(one.signers(among: try trust(.zero, founding: true), tier: .high) != nil)
    }

    @Test func `a ceiling is the owner's, with one signature`() throws {
        let delegation = StageDelegation(
            org: "acme", agent: TrustFixture.agent, most: .bounded, owner: StageFixture.owner,
            date: StageFixture.time(0))
        func signed(by numbers: [Int]) throws -> SignedStageDelegation {
            let payload = try delegation.canonical()
            let message = preAuthenticationEncoding(PayloadType.stageDelegation.text, payload)
            return try SignedStageDelegation(
                Envelope(
                    payloadType: .stageDelegation, payload: payload,
                    signatures: numbers.map { .key(keys[$0].publicKey, keys[$0].sign(message)) }),
                verifiedBy: OpenSSLVerifier())
        }
        let trust = try trust()
        #expect(try signed(by: [0]).delegation == delegation)
        #expect(try signed(by: [0]).signer(among: trust, tier: .low)?.text == "dana")
        #expect(try signed(by: [1]).signer(among: trust, tier: .low) == nil)
        #expect(try signed(by: [0, 1]).signer(among: trust, tier: .low) == nil)
        #expect(try !signed(by: [1]).isGenuine(among: trust))
    }

    @Test func `a demotion has one form in the control log`() throws {
        for trigger in DemotionTrigger.allCases {
            let demotion = StageDemotion(
                trigger, from: .full, cause: trigger == .kill ? TrustFixture.digest(5) : nil,
                at: StageFixture.time(0), under: .standard)
            #expect(try StageDemotion(.object(demotion.json)) == demotion)
        }
        let good = StageDemotion(.kill, from: .full, at: StageFixture.time(0), under: .standard)
        let bad: [(String, JSONValue)] = [
            ("code", "mood"), ("from", "high"), ("to", 0), ("at", "yesterday"),
            ("until", "2020-01-01T00:00:00.000000Z"), ("cause", "sha256:1"), ("more", true),
        ]
        for (key, value) in bad {
            var body = good.json
            body[key] = value
            #expect(throws: FormError.self, "\(key)") { try StageDemotion(.object(body)) }
        }
        var raised = good.json
        raised["from"] = "gated"
        raised["to"] = "full"
        #expect(throws: FormError.self) { try StageDemotion(.object(raised)) }
    }
}

private enum SignedPromotionForgery {
    /// The same document with a damaged signature.
    static func of(_ signed: SignedPromotion) -> SignedPromotion {
        let damaged = signed.envelope.signatures.map { signature -> Envelope.Signature in
            guard case .key(let key, var bytes) = signature else { return signature }
            bytes[0] ^= 1
            return .key(key, bytes)
        }
        return
            (try? SignedPromotion(
                Envelope(
                    payloadType: .promotion, payload: signed.envelope.payload, signatures: damaged),
                verifiedBy: OpenSSLVerifier())).unwrapped
    }
}
