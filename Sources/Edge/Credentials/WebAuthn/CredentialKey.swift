package import InterlockModel

/// The public key of a passkey in COSE (RFC 9052, section 7; RFC 9053; RFC 8230), for ES256 over P-256, EdDSA over
/// Ed25519 or RS256 with 2,048 to 8,192 bits. It has the members of its kind and no others, as WebAuthn requires
/// (Level 3, section 6.5.1).
package struct CredentialKey: Sendable, Equatable {
    package let algorithm: PasskeyAlgorithm
    let key: VerificationKey

    package static let largestBytes = 1200

    /// - Throws: `badKey`, or `otherAlgorithm` if the key is of an unsupported algorithm.
    package init(parsing bytes: [UInt8]) throws(AuthenticatorFault) {
        guard bytes.count <= Self.largestBytes else { throw .badKey }
        let value: CBORValue
        do throws(CBORError) { value = try CBORValue(parsing: bytes) } catch { throw .cbor(error) }
        try self.init(value)
    }

    init(_ value: CBORValue) throws(AuthenticatorFault) {
        guard let fields = value.pairs, let kind = fields.value(of: Label.kind)?.integer,
            let number = fields.value(of: Label.algorithm)?.integer
        else { throw .badKey }
        guard let algorithm = PasskeyAlgorithm(rawValue: number) else { throw .otherAlgorithm }
        self.algorithm = algorithm
        let made: VerificationKey?
        switch (algorithm, kind) {
        case (.es256, 2): made = Self.p256(fields)
        case (.eddsa, 1): made = Self.ed25519(fields)
        case (.rs256, 3): made = Self.rsa(fields)
        case (.es256, _), (.eddsa, _), (.rs256, _): throw .badKey
        }
        guard let made else { throw .badKey }
        key = made
    }

    /// Verifies a signature in the format of WebAuthn (Level 3, section 6.5.5): ECDSA in DER.
    func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        key.verifiesDER(signature, of: message)
    }

    private enum Label {
        static let kind: Int64 = 1
        static let algorithm: Int64 = 3
        static let curve: Int64 = -1
        static let x: Int64 = -2
        static let y: Int64 = -3
        /// The labels of RSA keys.
        static let modulus: Int64 = -1
        static let exponent: Int64 = -2
    }

    private static func p256(_ fields: [CBORPair]) -> VerificationKey? {
        guard fields.count == 5, fields.value(of: Label.curve)?.integer == 1,
            let x = fields.value(of: Label.x)?.bytes, let y = fields.value(of: Label.y)?.bytes
        else { return nil }
        return VerificationKey(p256X: x, y: y)
    }

    private static func ed25519(_ fields: [CBORPair]) -> VerificationKey? {
        guard fields.count == 4, fields.value(of: Label.curve)?.integer == 6 else { return nil }
        return fields.value(of: Label.x)?.bytes.flatMap(VerificationKey.init(ed25519:))
    }

    private static func rsa(_ fields: [CBORPair]) -> VerificationKey? {
        guard fields.count == 4, let modulus = fields.value(of: Label.modulus)?.bytes,
            let exponent = fields.value(of: Label.exponent)?.bytes
        else { return nil }
        return VerificationKey(rsaModulus: modulus, exponent: exponent)
    }
}
