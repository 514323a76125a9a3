import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockTesting
import InterlockTrust
import Testing

@testable import InterlockReview

/// The document of a sign-off (docs/specs/trust-and-review.md, section 9).
@Suite(.requirement("R129", "R131", "R132")) struct ReviewSignOffTests {
    private typealias Fixture = ReviewFixture
    private let keys = (31...33).map {
        Ed25519PrivateKey(seed: [UInt8](repeating: UInt8($0), count: 32)).unwrapped
    }
    private static let names = ["dana", "omar", "ines"]

    private func people(_ names: [String]) throws -> [Person] {
        try names.map { try #require(Person("\($0)@acme.example")) }
    }

    /// The keys of `dana`, `omar` and `ines`.
    private func trust(revoked: Int? = nil, age: Duration = .seconds(2 * 86_400)) throws
        -> AuthorizedKeys
    {
        try AuthorizedKeys(
            org: "acme",
            people: Self.names.enumerated().map { number, name in
                TrustedPerson(
                    person: try #require(Person("\(name)@acme.example")),
                    pseudonym: Pseudonym(text: name), roles: [.resume],
                    keys: [
                        EnrolledKey(
                            key: keys[number].publicKey, added: Fixture.time(1) - age,
                            founding: false,
                            revoked: number == revoked ? Fixture.time(2) : nil)
                    ])
            }, nodes: [])
    }

    private func signOff(
        _ reviewers: [String] = ["omar"], day: Int64 = 1, earlier: [EarlierFinding] = []
    ) throws -> ReviewSignOff {
        let finding = ReviewFinding(
            number: 1, .serious, "refunds above the order's sum", owner: Fixture.dana,
            due: Fixture.time(14), leaf: Fixture.digest(5))
        return Fixture.signOff(
            by: try people(reviewers), day: day,
            drift: [
                DriftItem(
                    .toolChanged, subject: "billing.pay", leaf: Fixture.digest(6), outcome: .keep),
                DriftItem(
                    .newVersion, subject: "billing", leaf: Fixture.digest(7),
                    outcome: .lower(second: Fixture.omar)),
            ],
            controls: [ControlAnswer(.owner, isInOrder: true)], findings: [try #require(finding)],
            earlier: earlier)
    }

    private func signed(
        _ signOff: ReviewSignOff, by numbers: [Int], type: PayloadType = .review
    ) throws -> SignedReview {
        let payload = try signOff.canonical()
        let message = preAuthenticationEncoding(type.text, payload)
        return try SignedReview(
            Envelope(
                payloadType: type, payload: payload,
                signatures: numbers.map { .key(keys[$0].publicKey, keys[$0].sign(message)) }),
            verifiedBy: OpenSSLVerifier())
    }

    @Test func `a sign-off is read back as it was written`() throws {
        let signOff = try signOff()
        #expect(try signed(signOff, by: [1]).signOff == signOff)
        let text = String(decoding: try signOff.canonical(), as: UTF8.self)
        #expect(
            text.hasPrefix(
                "{\"controls\":[{\"control\":\"owner\",\"ok\":true}],"
                    + "\"date\":\"2026-11-30T12:00:00Z\",\"decisions\":["))
        #expect(text.hasSuffix("less than 2 s each\"]}"))
        #expect(throws: FormError.self) { try signed(signOff, by: [1], type: .vote) }
    }

    @Test(arguments: [
        ("\"v\":1", "\"v\":2"), ("\"type\":\"review\"", "\"type\":\"promotion\""),
        ("\"scope\":\"agent:refunds\"", "\"scope\":\"refunds\""),
        ("\"review\":\"01kag", "\"review\":\"81kag"), ("sha256:", "sha1:"),
        ("\"next\":\"2026-12-30", "\"next\":\"2026-11-30"),
        ("\"date\":\"2026-11-30", "\"date\":\"2026-11-28"),
        ("\"number\":1", "\"number\":2"), ("\"severity\":2", "\"severity\":4"),
        ("\"severity\":2", "\"severity\":0"), ("\"outcome\":\"keep\"", "\"outcome\":\"none\""),
        ("\"second\":\"omar@acme.example\",", ""), ("\"cause\":\"new-version\"", "\"cause\":\"\""),
        ("\"control\":\"owner\"", "\"control\":\"owners\""), ("\"warnings\":[", "\"warnings\":[1,"),
        ("\"item\":\"refunds billing.list\"", "\"item\":\"refunds billing.pay amount\""),
        ("\"reviewers\":[\"omar@acme.example\"]", "\"reviewers\":[]"),
        ("\"owner\":\"dana@", "\"owner\":\"Dana@"), ("\"v\":1,", "\"v\":1,\"w\":1,"),
        ("\"from\":\"2026-10-30", "\"from\":\"2024-10-30"),
    ])
    func `a changed document is refused`(_ old: String, _ new: String) throws {
        var text = String(decoding: try signOff().canonical(), as: UTF8.self)
        let place = try #require(text.firstRange(of: old))
        text.replaceSubrange(place, with: new)
        let payload = Array(text.utf8)
        #expect(throws: FormError.self) {
            try ReviewSignOff(Envelope(payloadType: .review, payload: payload, signatures: []))
        }
    }

    private func earlier() throws -> EarlierFinding {
        let finding = ReviewFinding(
            number: 3, .minor, "five alerts are open", owner: Fixture.dana, due: Fixture.time(9),
            control: .alerts)
        return EarlierFinding(
            OpenFinding(review: Fixture.id, try #require(finding)), isMended: false,
            by: Fixture.omar)
    }

    @Test func `earlier findings are a member of their own, which older documents do not have`()
        throws
    {
        let old = try signOff()
        #expect(!String(decoding: try old.canonical(), as: UTF8.self).contains("earlier"))
        let new = try signOff(earlier: [earlier()])
        #expect(try signed(new, by: [1]).signOff == new)
        let text = String(decoding: try new.canonical(), as: UTF8.self)
        #expect(
            text.contains(
                "\"earlier\":[{\"by\":\"omar@acme.example\",\"control\":\"alerts\",\"due\":"))
        #expect(throws: FormError.self) {
            try signOff(earlier: [earlier(), earlier()]).canonical()
        }
    }

    @Test(arguments: [
        ("\"outcome\":\"open\"", "\"outcome\":\"gone\""),
        ("\"earlier\":[{", "\"earlier\":[],\"x\":[{"),
        ("\"control\":\"alerts\"", "\"control\":\"alert\""), ("\"by\":\"omar@", "\"by\":\"Omar@"),
        ("\"number\":3", "\"number\":51"),
    ])
    func `an earlier finding of another form is refused`(_ old: String, _ new: String) throws {
        var text = String(decoding: try signOff(earlier: [earlier()]).canonical(), as: UTF8.self)
        let place = try #require(text.firstRange(of: old))
        text.replaceSubrange(place, with: new)
        let payload = Array(text.utf8)
        #expect(throws: FormError.self) {
            try ReviewSignOff(Envelope(payloadType: .review, payload: payload, signatures: []))
        }
    }

    @Test func `an item without an outcome has no document`() throws {
        let whole = try signOff()
        let item = DriftItem(.incident, subject: "i", leaf: Fixture.digest(6))
        let open = ReviewSignOff(
            org: whole.org, review: whole.review, scope: whole.scope, period: whole.period,
            reviewers: whole.reviewers, date: whole.date, next: whole.next, policy: whole.policy,
            sample: whole.sample, marks: whole.marks, retire: nil, decisions: [], drift: [item],
            findings: [], warnings: [])
        #expect(throws: FormError.self) { try open.canonical() }
    }

    @Test func `each reviewer signs, no other person does, and tier high needs two`() throws {
        func signers(
            _ reviewers: [String], by numbers: [Int], tier: Tier = .medium, revoked: Int? = nil
        ) throws -> [String]? {
            try signed(signOff(reviewers), by: numbers)
                .signers(among: trust(revoked: revoked), tier: tier)?.map(\.text)
        }
        #expect(try signers(["omar"], by: [1]) == ["omar"])
        #expect(try signers(["omar"], by: [0]) == nil)
        #expect(try signers(["omar"], by: [1, 2]) == nil)
        #expect(try signers(["omar", "ines"], by: [1]) == nil)
        #expect(try signers(["omar", "ines"], by: [1, 2]) == ["omar", "ines"])
        #expect(try signers(["omar"], by: [1], tier: .high) == nil)
        #expect(try signers(["omar", "ines"], by: [1, 2], tier: .high) == ["omar", "ines"])
        #expect(try signers(["omar"], by: [1], revoked: 1) == nil)
        #expect(try signed(signOff(), by: [1]).isGenuine(among: trust(revoked: 1)))
        let new = try trust(age: .seconds(3_600))
        #expect(
            try signed(signOff(["omar", "ines"]), by: [1, 2]).signers(among: new, tier: .high)
                == nil)
        #expect(try signed(signOff(), by: [1]).signers(among: new, tier: .low) != nil)
        let other = try AuthorizedKeys(org: "other", people: trust().people, nodes: [])
        #expect(try signed(signOff(), by: [1]).signers(among: other, tier: .low) == nil)
    }
}
