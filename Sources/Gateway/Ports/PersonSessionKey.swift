package import InterlockModel

/// The public key of a person's session: on P-256, uncompressed (SEC 1, section 2.3.3). The browser that signed in made
/// the key pair, stores it for its exact origin and cannot read the private key.
package struct PersonSessionKey: Hashable, Sendable {
    package static let bytes = 65

    package let point: [UInt8]

    /// - Returns: nil if the bytes have another length or form. `PersonSessionKeyVerifier` checks that the point is on
    ///   the curve.
    package init?(_ point: [UInt8]) {
        guard point.count == Self.bytes, point.first == 4 else { return nil }
        self.point = point
    }

    /// The digest to which the challenge of a sign-in is bound.
    package func digest(_ hashing: any Hashing) -> Digest {
        hashing.sha256((Array("interlock/session-key/1\0".utf8) + point).span)
    }
}

/// Verifies signatures by keys of sessions. The cost of each call is constant: about 100 microseconds.
package protocol PersonSessionKeyVerifier: Sendable {
    /// Returns whether the point is on the curve.
    func isKey(_ key: PersonSessionKey) -> Bool

    /// - Parameter signature: `r` and `s`, 32 bytes each, as browsers write them (Web Cryptography API, ECDSA).
    func verifies(_ signature: [UInt8], of message: [UInt8], by key: PersonSessionKey) -> Bool
}
