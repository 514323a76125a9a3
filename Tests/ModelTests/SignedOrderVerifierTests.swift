import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

/// A kind of order with every rule that a kind can have.
private struct ToyContent: OrderContent {
    enum Refusal: SignedOrderRefusal, Hashable {
        case order(OrderRefusal)
        case stale, noOwner
        init(_ refusal: OrderRefusal) { self = .order(refusal) }
    }
    static let payloadType = PayloadType.run
    static var stale: Refusal? { .stale }
    let action: String
    func missingRole(of person: TrustedPerson) -> Role? {
        person.roles.contains(.kill) ? nil : .kill
    }
    func check() throws(FormError) {
        guard action != "unfit" else { throw .badMember("deed", "fit") }
    }
    var members: JSONObject { ["deed": .string(action)] }
    static func members(of statement: JSONValue) -> [String] { ["deed"] }
    init(action: String) { self.action = action }
    init(_ fields: StrictFields) throws(FormError) { action = try fields.string("deed") }
}

@Suite struct SignedOrderVerifierTests {
    private typealias Toy = DatedOrder<ToyContent>
    private typealias Refusal = ToyContent.Refusal
    private let org = Org()
    private let now = Org.start + .seconds(100)

    private func order(
        _ action: String = "pause", org name: String = "acme", by author: Org.Member? = nil,
        at: Timestamp? = nil
    ) throws -> [UInt8] {
        try Toy(
            id: org.id(1), org: name, content: ToyContent(action: action),
            reason: "the test says so",
            author: (author ?? org.li).pseudonym, at: at ?? now
        ).canonical()
    }

    private func refusal(
        _ envelope: Envelope, _ people: [TrustedPerson]? = nil,
        owner: (Toy) throws(Refusal) -> Pseudonym? = { _ in nil }
    ) throws -> Refusal? {
        let verifier = try org.judge(people)
        do throws(Refusal) {
            _ = try verifier.verify(envelope, as: Toy.self, .now(now), owner: owner)
            return nil
        } catch { return error }
    }

    @Test func `each fault has its own answer, the earlier first`() throws {
        let stranger = PublicKey(bytes: .init(repeating: 7, count: 32)).unwrapped
        let long = Duration.seconds(601)
        func signed(_ payload: [UInt8], _ keys: PublicKey...) -> Envelope {
            org.sign(.run, payload, keys)
        }
        let good = try order()
        #expect(try refusal(signed(good, org.li.key)) == nil)
        let cases: [(Envelope, Refusal)] = [
            (org.sign(.people, good, [org.li.key]), .order(.otherKind)),
            (
                signed(good + [0x20], org.li.key),
                .order(.form(.notCanonical))
            ),
            (signed(try order(org: "other"), stranger), .order(.otherOrganisation("other"))),
            (signed(good), .order(.badSignature)),
            (signed(good, org.li.key, org.sam.key), .order(.badSignature)),
            (
                Envelope(
                    payloadType: .run, payload: good,
                    signatures: [.key(org.li.key, .init(repeating: 0, count: 64))]),
                .order(.badSignature)
            ),
            (signed(good, stranger), .order(.unknownKey)),
            (signed(good, org.node), .order(.unknownKey)),
            (signed(try order(at: now + long), org.sam.key), .order(.notAuthor)),
            (signed(try order(by: org.ana, at: now + long), org.ana.key), .stale),
            (signed(try order(at: now + (.zero - long)), org.li.key), .stale),
            (signed(try order(by: org.ana), org.ana.key), .order(.missingRole(.kill))),
        ]
        for (envelope, expected) in cases { #expect(try refusal(envelope) == expected) }
        let past = Org.start + .seconds(1)
        let others = [org.sam, org.kim].map { $0.trusted() }
        for (person, expected) in [
            (org.li.trusted(expires: past, revoked: past), OrderRefusal.revokedKey),
            (org.li.trusted(expires: past), .expiredKey),
        ] {
            let envelope = signed(try order(by: org.sam, at: now + long), org.li.key)
            #expect(try refusal(envelope, [person] + others) == .order(expected))
        }
    }

    @Test func `a passkey's signature under a kind that takes none does not verify`() throws {
        let assertion = try PasskeyAssertion(
            credential: PasskeyID(bytes: [UInt8](repeating: 1, count: 16)).unwrapped,
            authenticatorData: [1], clientDataJSON: [2], signature: [3])
        let envelope = Envelope(
            payloadType: .run, payload: try order(), signatures: [.passkey(assertion)])
        #expect(try refusal(envelope) == .order(.badSignature))
    }

    @Test func `whom an order concerns needs no role, and is looked for last`() throws {
        let envelope = org.sign(.run, try order(by: org.ana), [org.ana.key])
        #expect(try refusal(envelope) { _ in org.ana.pseudonym } == nil)
        #expect(
            try refusal(envelope) { _ in org.li.pseudonym } == .order(.missingRole(.kill)))
        #expect(try refusal(envelope) { _ throws(Refusal) in throw .noOwner } == .noOwner)
        let unsigned = org.sign(.run, try order(), [org.ana.key])
        #expect(
            try refusal(unsigned) { _ throws(Refusal) in throw .noOwner } == .order(.notAuthor))
    }

    @Test func `an order reads back in one spelling, with the members of its kind alone`() throws {
        let bytes = try order()
        #expect(try Toy(parsing: bytes).canonical() == bytes)
        #expect(throws: FormError.badMember("deed", "fit")) { try order("unfit") }
        for (member, value) in [
            ("v", 2), ("type", "halt"), ("id", "x"), ("org", nil), ("reason", "short"),
            ("author", "li"), ("at", "now"), ("deed", nil), ("more", 1),
        ] as [(String, JSONValue?)] {
            var object = try #require(try Toy(parsing: bytes).json.object)
            object[member] = value
            let other = try JSONValue.object(object).canonical()
            #expect(throws: FormError.self, "\(member)") { try Toy(parsing: other) }
        }
    }
}
