package import InterlockModel

/// A result in its envelope: DSSE with the payload type `application/vnd.interlock.eval-result+json` and Ed25519
/// signatures. A parsed one is unverified: `signers` says whose signatures count.
package struct SignedEvalResult: Sendable, Hashable {
    package let envelope: Envelope
    package let result: EvalResult

    /// The maximum size of a result file in bytes.
    package static let largest = 2 * EvalResult.largest

    /// - Throws: `badMember` for another payload type, or the error of the payload.
    package init(_ envelope: Envelope, hashing: any Hashing) throws(FormError) {
        guard envelope.payloadType == .evalResult else {
            throw .badMember("payloadType", "`\(PayloadType.evalResult.text)`")
        }
        self.envelope = envelope
        result = try EvalResult(parsing: envelope.payload, hashing: hashing)
    }

    /// Parses the bytes of a result file.
    package init(parsing bytes: [UInt8], hashing: any Hashing) throws(FormError) {
        try self.init(
            try Envelope(parsing: bytes, payloadLimit: EvalResult.largest), hashing: hashing)
    }

    /// Returns the keys among `keys` that signed the result, in the order of the signatures; none if one signature does
    /// not verify.
    package func signers(
        among keys: [EvalKey], verifiedBy verifier: any SignatureVerifier
    ) -> [EvalKey] {
        envelope.signers(among: keys, verifiedBy: verifier)
    }
}

extension Envelope {
    /// Returns the keys among `keys` that signed, in the order of the signatures; none if one signature does not verify.
    func signers(
        among keys: [EvalKey], verifiedBy verifier: any SignatureVerifier
    ) -> [EvalKey] {
        verifiedKeys(verifier).compactMap { key in keys.first { $0.key == key } }
    }
}
