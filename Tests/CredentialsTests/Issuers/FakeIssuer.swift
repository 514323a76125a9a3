import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockTesting
import Synchronization

@testable import InterlockCredentials

/// A clock that advances only when a test moves it.
final class HandClock: Clock {
    static let start = Timestamp(microseconds: 1_795_000_000_000_000)
    private let passed = Mutex(Duration.zero)
    func pass(_ time: Duration) { passed.withLock { $0 += time } }
    var now: ClockReading {
        let passed = passed.withLock { $0 }
        return ClockReading(
            wall: Self.start + passed, boot: BootTime(microseconds: 1_000_000_000) + passed)
    }
}

/// An issuer in memory with Ed25519 keys, and an authenticator that trusts it.
final class FakeIssuer: Sendable {
    static let issuer = "https://idp.example"
    static let audience = "https://gw.example/mcp"
    let clock = HandClock()
    let keys = Mutex<[(kid: String, key: Ed25519PrivateKey)]>([])
    /// The result of the next fetches in place of the keys.
    let answer = Mutex<Result<[UInt8], KeyFailure>?>(nil)
    let fetches = Mutex(0)
    let tokens = Mutex<ExternalTokenAuthenticator?>(nil)

    init(
        clients: [ExactText: String] = ["triage": "support-triage"],
        subjects: [ExactText: String] = [:],
        person: String? = nil, scopes: Bool = true, audience: String = audience
    ) {
        keys.withLock { $0 = [("k1", Self.key(1))] }
        let issuer = TrustedIssuer(
            issuer: Self.issuer, keysURL: "https://idp.example/jwks",
            clients: clients.compactMapValues(AgentName.init),
            subjects: subjects.compactMapValues(AgentName.init), personClaim: person,
            needsScopes: scopes)
        let made = ExternalTokenAuthenticator(
            [issuer],
            times: KeySetTimes(
                refresh: .seconds(300), retry: .seconds(60), maximumAge: .seconds(3600)),
            audience: CanonicalURI(audience) ?? .local, hashing: OpenSSLHashing(), clock: clock,
            secret: [UInt8](repeating: 7, count: 32),
            fetch: { [weak self] _ in
                // A fetch may outlive its test.
                self?.fetched() ?? .failure(KeyFailure(.io, "the test is over"))
            },
            report: { _ in })
        tokens.withLock { $0 = made }
    }

    static func key(_ number: UInt8) -> Ed25519PrivateKey {
        Ed25519PrivateKey(seed: [UInt8](repeating: number, count: 32)).unwrapped
    }

    var believing: ExternalTokenAuthenticator { tokens.withLock { $0 }.unwrapped }

    private func fetched() -> Result<[UInt8], KeyFailure> {
        fetches.withLock { $0 += 1 }
        if let answer = answer.withLock({ $0 }) { return answer }
        return .success(keys.withLock { Self.document($0.map { Self.entry($0.kid, $0.key) }) })
    }

    static func entry(_ kid: String, _ key: Ed25519PrivateKey) -> JSONObject {
        [
            "kty": "OKP", "crv": "Ed25519", "kid": .string(kid), "use": "sig",
            "x": .string(Base64.encodeURL(key.publicKey.bytes)),
        ]
    }

    static func document(_ keys: [JSONObject]) -> [UInt8] {
        let document: JSONValue = ["keys": .array(keys.map(JSONValue.object))]
        return document.serialized()
    }

    static let header: JSONObject = ["alg": "EdDSA", "kid": "k1", "typ": "at+jwt"]
    static let claims: JSONObject = [
        "iss": .string(issuer), "aud": .string(audience), "sub": "triage", "client_id": "triage",
        "iat": 1_795_000_000, "exp": 1_795_003_600, "scope": "tickets:read", "jti": "t-1",
    ]

    func token(
        _ header: JSONObject = header, _ claims: JSONObject = claims,
        by key: Ed25519PrivateKey = key(1)
    ) -> String {
        Self.token(
            JSONValue.object(header).serialized(), JSONValue.object(claims).serialized(), by: key)
    }

    static func token(_ header: [UInt8], _ claims: [UInt8], by key: Ed25519PrivateKey) -> String {
        let signed = Base64.encodeURL(header) + "." + Base64.encodeURL(claims)
        return signed + "." + Base64.encodeURL(key.sign(Array(signed.utf8)))
    }

    func principal(_ token: String) throws(IdentityFailure) -> Principal {
        try believing.identify(token, now: clock.now.wall)
    }

    func failure(_ token: String) -> IdentityFailure? {
        do throws(IdentityFailure) {
            _ = try principal(token)
            return nil
        } catch { return error }
    }
}

extension JSONObject {
    func with(_ name: String, _ value: JSONValue?) -> JSONObject {
        var changed = self
        changed[name] = value
        return changed
    }
}
