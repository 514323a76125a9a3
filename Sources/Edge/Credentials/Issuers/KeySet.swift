import InterlockJSON
import InterlockModel

/// The keys of an issuer by their `kid` (RFC 7517). Unusable keys are skipped: another kind, curve or algorithm, a
/// key for encryption, without a `kid`, or with a private part. A document with two usable keys of one `kid` is
/// refused.
package struct KeySet: Equatable, Sendable {
    let keys: [ExactText: VerificationKey]

    /// The maximum size of the document.
    package static let largestBytes = 1 << 20
    private static let largestCount = 100

    package var count: Int { keys.count }

    /// - Throws: `malformed` with the defect.
    package init(parsing bytes: [UInt8]) throws(KeyFailure) {
        guard bytes.count <= Self.largestBytes else {
            throw KeyFailure(.malformed, "the key set is above \(Self.largestBytes) bytes")
        }
        let limits = JSONLimits(depth: 16, bytes: Self.largestBytes)
        let value: JSONValue
        do throws(JSONError) { value = try JSONValue(parsing: bytes, limits: limits) } catch {
            throw KeyFailure(.malformed, "the key set is not valid JSON: \(error)")
        }
        guard let list = value["keys"]?.array else {
            throw KeyFailure(.malformed, "the key set has no list `keys`")
        }
        guard list.count <= Self.largestCount else {
            throw KeyFailure(.malformed, "the key set has more than \(Self.largestCount) keys")
        }
        var keys: [ExactText: VerificationKey] = [:]
        for element in list {
            guard let fields = element.object else {
                throw KeyFailure(.malformed, "a key of the key set is no object")
            }
            guard let (kid, key) = Self.usable(fields) else { continue }
            guard keys.updateValue(key, forKey: kid) == nil else {
                throw KeyFailure(.malformed, "two keys of the key set have one `kid`")
            }
        }
        guard !keys.isEmpty else {
            throw KeyFailure(
                .malformed, "the key set has no key for RS256, ES256 or EdDSA with a `kid`")
        }
        self.keys = keys
    }

    private static func usable(_ fields: JSONObject) -> (String, VerificationKey)? {
        guard let kid = fields["kid"]?.string, JSONWebToken.kidLengths.contains(kid.utf8.count),
            isForSignatures(fields), fields["d"] == nil,
            let key = key(fields),
            fields["alg"].map({ $0.string == key.algorithm.rawValue }) ?? true
        else { return nil }
        return (kid, key)
    }

    private static func isForSignatures(_ fields: JSONObject) -> Bool {
        if let use = fields["use"], use.string != "sig" { return false }
        guard let operations = fields["key_ops"] else { return true }
        return operations.array?.contains { $0.string == "verify" } == true
    }

    private static func key(_ fields: JSONObject) -> VerificationKey? {
        func bytes(_ name: String) -> [UInt8]? {
            fields[name]?.string.flatMap { Base64.decodeURL($0) }
        }
        switch (fields["kty"]?.string, fields["crv"]?.string) {
        case ("RSA", _):
            guard let modulus = bytes("n"), let exponent = bytes("e") else { return nil }
            return VerificationKey(rsaModulus: modulus, exponent: exponent)
        case ("EC", "P-256"):
            guard let x = bytes("x"), let y = bytes("y") else { return nil }
            return VerificationKey(p256X: x, y: y)
        case ("OKP", "Ed25519"):
            return bytes("x").flatMap(VerificationKey.init(ed25519:))
        default: return nil
        }
    }
}
