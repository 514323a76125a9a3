import InterlockCredentials
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockEvals

/// The people whose signatures under an exception count.
@Suite(.requirement("R116")) struct EvalExceptionTests {
    private let now = ResultFixture.ended
    /// The keys of `li`, who has two, and of `rui` and `ines`.
    private let keys = (11...14).map {
        Ed25519PrivateKey(seed: [UInt8](repeating: UInt8($0), count: 32)).unwrapped
    }

    private func trust(
        _ age: Duration, founding: Bool = false, revoked: Timestamp? = nil
    ) throws -> AuthorizedKeys {
        func person(_ name: String, _ numbers: [Int]) throws -> TrustedPerson {
            TrustedPerson(
                person: try #require(Person("\(name)@acme.example")),
                pseudonym: Pseudonym(text: name), roles: [.resume],
                keys: numbers.map { number in
                    EnrolledKey(
                        key: keys[number].publicKey, added: now - age, founding: founding,
                        revoked: number == 2 ? revoked : nil)
                })
        }
        return try AuthorizedKeys(
            org: "acme",
            people: [person("li", [0, 1]), person("rui", [2]), person("ines", [3])], nodes: [])
    }

    private func signed(by numbers: [Int], org: String = "acme") throws -> SignedEvalException {
        let exception = try #require(
            EvalException(
                org: org, agent: ResultFixture.agent, reason: "the signer is away", from: now,
                until: now + .seconds(3600)))
        let payload = try exception.canonical()
        let message = preAuthenticationEncoding(PayloadType.evalException.text, payload)
        return try SignedEvalException(
            Envelope(
                payloadType: .evalException, payload: payload,
                signatures: numbers.map {
                    .key(keys[$0].publicKey, keys[$0].sign(message))
                }), verifiedBy: OpenSSLVerifier())
    }

    private func people(
        _ numbers: [Int], _ trust: AuthorizedKeys, owner: String? = nil, tier: Tier = .medium,
        org: String = "acme"
    ) throws -> [String]? {
        try signed(by: numbers, org: org).people(
            among: trust, owner: owner.flatMap { Person("\($0)@acme.example") }, tier: tier,
            at: now
        )?.map(\.text)
    }

    @Test func `two people count, and one with two keys is one`() throws {
        let trust = try trust(.seconds(60))
        #expect(try people([0, 2], trust) == ["li", "rui"])
        #expect(try people([0, 1], trust) == nil)
        #expect(try people([0, 1, 3], trust) == ["li", "ines"])
        #expect(try people([0], trust) == nil)
        #expect(try people([0, 2], trust, owner: "li") == nil)
        #expect(try people([0, 2, 3], trust, owner: "li") == ["rui", "ines"])
        #expect(try people([0, 2], trust, org: "other") == nil)
    }

    @Test func `a revoked key counts no more`() throws {
        let trust = try trust(.seconds(60), revoked: now - .seconds(1))
        #expect(try people([0, 2], trust) == nil)
        #expect(try people([0, 3], trust) == ["li", "ines"])
    }

    @Test func `for an agent of tier high a key counts after a day, and a founding one at once`()
        throws
    {
        let (new, old) = (try trust(.seconds(86_399)), try trust(.seconds(86_400)))
        let founding = try trust(.zero, founding: true)
        for tier in Tier.allCases {
            let counts = try people([0, 2], new, tier: tier) != nil
            #expect(counts == (tier != .high), "\(tier)")
            #expect(try people([0, 2], old, tier: tier) != nil, "\(tier)")
            #expect(try people([0, 2], founding, tier: tier) != nil, "\(tier)")
        }
    }
}
