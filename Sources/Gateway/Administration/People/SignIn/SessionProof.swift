package import InterlockModel

/// The proof that a request comes from the browser that signed in: a signature by the session's key. Browsers send the
/// cookie to every port of its host, but the key stays with its origin (decision 0040).
///
/// INVARIANT: the cookie of a session shows pages and does nothing else: a stream, a download and a change take a
/// proof, for one request, by the key that the sign-in was for. Kept by `SessionProofTests`, `SignInTests`,
/// `SessionKeyTests`, `ProofTests`, `test_console_ports.py`.
package struct SessionProof: Hashable, Sendable {
    /// The name of the request header, in lower case.
    package static let header = "x-interlock-proof"
    /// The response header that carries the next nonce.
    package static let nonceHeader = "x-interlock-nonce"
    /// The header of a refusal, with the code of its `SessionProofFault`.
    package static let faultHeader = "x-interlock-proof-fault"

    package static let identifierBytes = 16
    package static let signatureBytes = 64
    private static let lengths = 1...256

    /// The nonce that the gateway issued.
    package let nonce: String
    /// A random value per request; each proof is valid once.
    package let identifier: String
    package let signature: [UInt8]

    /// - Parameter text: `v1.<nonce>.<identifier>.<signature>`, the last two in base64url without padding.
    /// - Returns: nil if the text has another form.
    package init?(_ text: String) {
        guard Self.lengths.contains(text.utf8.count) else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "v1",
            let identifier = Base64.decodeURL(parts[2]), identifier.count == Self.identifierBytes,
            let signature = Base64.decodeURL(parts[3]), signature.count == Self.signatureBytes
        else { return nil }
        nonce = String(parts[1])
        self.identifier = String(parts[2])
        self.signature = signature
    }
}

/// The request that a proof is for.
package struct ProvenRequest: Hashable, Sendable {
    package let method: String
    /// The origin to which the browser sent the request, as the browser spells it: `https://interlock.example`.
    package let origin: String
    /// Path and query, exactly as sent.
    package let target: String
    package let body: Digest

    package init(method: String, origin: String, target: String, body: Digest) {
        self.method = method
        self.origin = origin
        self.target = target
        self.body = body
    }

    /// The bytes that are signed.
    ///
    /// INVARIANT: no part contains a line break. The transport refuses heads that do, and the rest is hexadecimal or
    /// base64.
    package func message(nonce: String, identifier: String) -> [UInt8] {
        Array(
            """
            interlock/proof/1
            \(method)
            \(origin)
            \(target)
            \(body.hex)
            \(nonce)
            \(identifier)
            """.utf8)
    }
}

/// The reason a proof was refused.
package enum SessionProofFault: String, Error, Hashable, Sendable, CaseIterable {
    case missing
    case malformed
    /// The session has ended.
    case noSession = "no_session"
    /// The nonce has expired or was not issued for this session. The refusal carries a new one.
    case staleNonce = "stale_nonce"
    /// Signed by another key, or for another method, address, body or nonce.
    case badSignature = "bad_signature"
    case usedBefore = "used_before"
    /// The session has used more proofs within a nonce's life than are remembered.
    case tooMany = "too_many"

    package var sentence: String {
        switch self {
        case .missing: "the request has no proof by the key of its session"
        case .malformed: "the proof is malformed"
        case .noSession: "the session has ended"
        case .staleNonce: "the nonce of the proof is older than 60 s or of another session"
        case .badSignature: "the proof is not by the key of this session, or is for another request"
        case .usedBefore: "the proof was used before"
        case .tooMany: "too many requests of this session within 60 s"
        }
    }
}
