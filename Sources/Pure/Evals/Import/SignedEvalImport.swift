package import InterlockModel

/// An import in its envelope: DSSE with the payload type `application/vnd.interlock.eval-import+json` and Ed25519
/// signatures. A parsed one is unverified: `signers` says whose signatures count.
package struct SignedEvalImport: Sendable, Hashable {
    package let envelope: Envelope
    package let content: EvalImport

    /// The maximum size of an import's file in bytes.
    package static let largest = 2 * EvalImport.largest

    /// - Throws: `badMember` for another payload type, or the error of the payload.
    package init(_ envelope: Envelope, hashing: any Hashing) throws(FormError) {
        guard envelope.payloadType == .evalImport else {
            throw .badMember("payloadType", "`\(PayloadType.evalImport.text)`")
        }
        self.envelope = envelope
        content = try EvalImport(parsing: envelope.payload, hashing: hashing)
    }

    /// Parses the bytes of a signed import.
    package init(parsing bytes: [UInt8], hashing: any Hashing) throws(FormError) {
        try self.init(
            try Envelope(parsing: bytes, payloadLimit: EvalImport.largest), hashing: hashing)
    }

    /// Returns the keys among `keys` whose signature under the import verifies. One signature that does not verify voids
    /// all.
    package func signers(
        among keys: [EvalKey], verifiedBy verifier: any SignatureVerifier
    ) -> [EvalKey] {
        envelope.signers(among: keys, verifiedBy: verifier)
    }
}
