import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCredentials

/// Orders signed by a real passkey, verified with nothing but the content of `state/kill`.
@Suite struct HaltFolderPasskeyTests {
    private let scratch = Scratch()
    private let node = Ed25519PrivateKey(seed: seed(9)).unwrapped
    private let sam = Ed25519PrivateKey(seed: seed(2)).unwrapped
    private let device: SoftAuthenticator
    private let clock = FixedClock(1_795_000_000)
    private let samIs = Pseudonym(text: Base64.encode([UInt8](repeating: 2, count: 16)))

    init() throws { device = try SoftAuthenticator(.es256) }

    private func folder(_ party: RelyingParty? = SoftAuthenticator.party) -> HaltFolder {
        HaltFolder(
            path: scratch.path + "/kill", org: "acme", node: "gw1", key: node, party: party,
            clock: clock)
    }

    private func trust(revoked: Bool = false) throws -> AuthorizedKeys {
        let passkey = device.passkey(revoked: revoked)
        return try AuthorizedKeys(
            org: "acme",
            people: [
                TrustedPerson(
                    person: Person("li@acme.example").unwrapped, pseudonym: passkey.holder,
                    roles: [.kill, .resume], keys: []),
                TrustedPerson(
                    person: Person("sam@acme.example").unwrapped, pseudonym: samIs,
                    roles: [.kill, .resume],
                    keys: [
                        EnrolledKey(key: sam.publicKey, added: clock.now.wall, founding: true)
                    ]),
            ], nodes: [], passkeys: [passkey])
    }

    private func id(_ number: Int64) -> OrderID {
        OrderID(milliseconds: number, random: [UInt8](repeating: 0, count: 10))
    }

    private func signature(
        _ type: PayloadType, _ payload: [UInt8],
        _ change: (inout SoftAuthenticator.Words) -> Void = { _ in }
    ) throws -> Envelope.Signature {
        let bare = Envelope(payloadType: type, payload: payload, signatures: [])
        var words = SoftAuthenticator.Words()
        words.challenge = bare.challenge(OpenSSLHashing()).bytes
        change(&words)
        return .passkey(try device.assertion(words))
    }

    private func halt(
        _ change: (inout SoftAuthenticator.Words) -> Void = { _ in }
    ) throws -> Envelope {
        let payload = try HaltOrder(
            id: id(1), org: "acme", target: .org, reason: "something is wrong",
            author: device.passkey().holder, at: clock.now.wall
        ).canonical()
        return Envelope(
            payloadType: .halt, payload: payload,
            signatures: [try signature(.halt, payload, change)])
    }

    private func release() throws -> Envelope {
        let payload = try ReleaseOrder(
            id: id(2), org: "acme", halts: [id(1)], afterEpoch: 1, reason: "put right again",
            authors: [device.passkey().holder, samIs]
        ).canonical()
        return Envelope(
            payloadType: .release, payload: payload,
            signatures: [try signature(.release, payload)]
                + (try PersonKey.file(sam).envelope(.release, payload)).signatures)
    }

    /// The folder contains the order, as if it had been accepted just before the process crashed.
    private func prepared(_ order: Envelope) throws -> LoadedHalts {
        try folder().create(trust: try trust())
        try HaltFolder.put(order, id: id(1), in: scratch.path + "/kill")
        return folder().load(newDeployment: false)
    }

    @Test func `a halt and its release hold over restarts`() throws {
        let halted = try prepared(try halt())
        #expect(halted.faults.isEmpty && halted.book.set.halt(of: .org)?.id == id(1))
        try HaltFolder.put(try release(), id: id(2), in: scratch.path + "/kill")
        let released = folder().load(newDeployment: false)
        #expect(released.faults.isEmpty && released.book.set.isEmpty)
        let again = folder().load(newDeployment: false)
        #expect(again.faults.isEmpty && again.book.epoch == released.book.epoch)
    }

    @Test func `what was taken stands when the passkey is revoked and the console has moved`()
        throws
    {
        _ = try prepared(try halt())
        try folder().write(try trust(revoked: true))
        for party in [
            nil, RelyingParty(id: "other.example", origins: ["https://other.example"]),
        ] {
            let loaded = folder(party).load(newDeployment: false)
            #expect(loaded.faults.isEmpty && loaded.book.set.active.count == 1)
        }
    }

    @Test func `what was taken must still be by an enrolled passkey`() throws {
        _ = try prepared(try halt())
        try folder().write(
            try AuthorizedKeys(org: "acme", people: try trust().people, nodes: []))
        let loaded = folder().load(newDeployment: false)
        #expect(loaded.faults.count == 1 && loaded.book.set.halt(of: .org)?.local == true)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let refusal: AssertionRefusal
        let change: @Sendable (inout SoftAuthenticator.Words) -> Void
        var testDescription: String { refusal.rawValue }
    }

    static let cases = [
        Case(refusal: .wrongType) { $0.type = "webauthn.create" },
        Case(refusal: .wrongChallenge) { $0.challenge[3] ^= 1 },
        Case(refusal: .wrongOrigin) { $0.origin = "https://interlock.example.evil.example" },
        Case(refusal: .crossOrigin) { $0.crossOrigin = true },
        Case(refusal: .wrongRelyingParty) { $0.relyingParty = "other.example" },
        Case(refusal: .userAbsent) { $0.flags = 0x04 },
        Case(refusal: .userUnverified) { $0.flags = 0x01 },
    ]

    @Test(arguments: cases)
    func `a halt that is not believed stops the node as a damaged one does`(_ one: Case) throws {
        let order = try halt(one.change)
        let judge = SignedOrderVerifier(
            trust: try trust(), verifier: OpenSSLVerifier(),
            passkeys: EnrolledPasskeyVerifier(
                hashing: OpenSSLHashing(), find: { [device] _ in device.passkey() },
                verify: { assertion, challenge, passkey throws(AssertionRefusal) in
                    try PasskeyVerifier(SoftAuthenticator.party).verify(
                        assertion, challenge: challenge, by: passkey)
                }))
        #expect(throws: OrderRefusal.badAssertion(one.refusal)) {
            try judge.halt(order, .now(clock.now.wall))
        }
        let loaded = try prepared(order)
        #expect(loaded.faults.count == 1 && loaded.book.set.halt(of: .org)?.local == true)
    }

    @Test func `another order's assertion signs nothing`() throws {
        let good = try halt()
        let payload = try HaltOrder(
            id: id(7), org: "acme", target: .org, reason: "something is wrong",
            author: device.passkey().holder, at: clock.now.wall
        ).canonical()
        let loaded = try prepared(
            Envelope(payloadType: .halt, payload: payload, signatures: good.signatures))
        #expect(loaded.faults.count == 1)
    }
}
