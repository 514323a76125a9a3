import InterlockAdministration
import InterlockCredentials
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockTransport

extension Invariants {
    /// The input is read as a token, as the claims of a token that the issuer signed, and as a key set. A text without
    /// the issuer's signature identifies no principal; a signed one is valid only for this gateway, for a named agent
    /// and until it expires.
    package static func issuer(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        precondition((try? outside.identify(text, now: now)) == nil, "nobody signed this")
        let signed = header + "." + Base64.encodeURL(bytes)
        let token = signed + "." + Base64.encodeURL(key.sign(Array(signed.utf8)))
        if let principal = try? outside.identify(token, now: now) {
            precondition(principal.agent.text == "agent", "the one agent that is named")
            precondition(principal.isFromOutside && principal.scopes != nil, "scopes are asked for")
            precondition(
                (try? outside.identify(token, now: principal.expires + TokenLife.leeway)) == nil,
                "a token ends")
            precondition(
                principal.expires - now <= TokenLife.bounds.upperBound + TokenLife.leeway,
                "no token lives longer than the longest")
        }
        if let keys = try? KeySet(parsing: bytes) {
            precondition((1...100).contains(keys.count), "a key set is bounded and not empty")
        }
    }

    private static let now = Timestamp(microseconds: 1_795_000_000_000_000)
    private static let key: Ed25519PrivateKey = {
        guard let key = Ed25519PrivateKey(seed: [UInt8](repeating: 9, count: 32)) else {
            preconditionFailure("a key of 32 bytes is a key")
        }
        return key
    }()
    private static let header = Base64.encodeURL(Array(#"{"alg":"EdDSA","kid":"k"}"#.utf8))

    private static let outside: ExternalTokenAuthenticator = {
        guard let audience = CanonicalURI("https://gw.example/mcp"),
            let agent = AgentName("agent")
        else { preconditionFailure("names are names") }
        let set =
            #"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","x":""#
            + Base64.encodeURL(key.publicKey.bytes) + #""}]}"#
        let made = ExternalTokenAuthenticator(
            [
                TrustedIssuer(
                    issuer: "https://idp.example", keysURL: "https://idp.example/k",
                    clients: ["c": agent], subjects: ["s": agent], personClaim: "email",
                    needsScopes: true)
            ],
            times: KeySetTimes(
                refresh: .seconds(300), retry: .seconds(60), maximumAge: .seconds(3600)),
            audience: audience, hashing: OpenSSLHashing(), clock: StoppedClock(),
            secret: [UInt8](repeating: 0, count: 32),
            fetch: { _ in .success(Array(set.utf8)) }, report: { _ in })
        // A thread of its own runs the loop: the caller that computes this value first, and the callers that wait for
        // it, may occupy every thread of the concurrency pool.
        let loops = LoopGroup(count: 1, name: "keys")
        defer { loops.stop() }
        loops.blocking { await made.lookForKeys() }
        return made
    }()
}

private struct StoppedClock: Clock {
    let now = ClockReading(
        wall: Timestamp(microseconds: 1_795_000_000_000_000),
        boot: BootTime(microseconds: 1_000_000))
}
