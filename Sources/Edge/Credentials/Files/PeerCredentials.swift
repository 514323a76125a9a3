import InterlockModel

/// The certificate of a node for its connections to other nodes, and its key, both in PEM (RFC 5280, RFC 8410).
///
/// The certificate is its own issuer, says the node's id as its only name, and is made anew at each start: what other
/// nodes believe is the key, which people have signed. So it never expires (RFC 5280, section 4.1.2.5).
package struct PeerCredentials: Sendable {
    /// PEM of the certificate.
    package let certificate: [UInt8]
    /// PEM of the private key (PKCS #8).
    package let key: [UInt8]

    /// - Parameters:
    ///   - folder: the folder of keys, which has `peer.key`.
    ///   - uri: the id of the node, at most 300 characters of ASCII.
    /// - Throws: `missing`, `exposed`, `malformed`, `io`.
    package init(in folder: String, uri: String) throws(KeyFailure) {
        let (own, seed) = try SeedFile.open("\(folder)/\(PeerKey.fileName)") { seed in
            Ed25519PrivateKey(seed: seed).map { ($0, seed) }
        }
        certificate = Self.pem("CERTIFICATE", Self.certificate(of: own, uri: uri))
        key = Self.pem(
            "PRIVATE KEY",
            DER.sequence(
                DER.integer([0]) + Self.algorithm + DER.octets(DER.octets(seed))))
    }

    /// `id-Ed25519` (RFC 8410, section 3).
    private static let algorithm = DER.sequence(DER.identifier([0x2b, 0x65, 0x70]))

    private static func certificate(of key: Ed25519PrivateKey, uri: String) -> [UInt8] {
        let commonName = DER.identifier([0x55, 0x04, 0x03])
        let name = DER.sequence(
            DER.set(DER.sequence(commonName + DER.tagged(0x0c, Array("interlock".utf8)))))
        let validity = DER.sequence(
            DER.tagged(0x18, Array("20000101000000Z".utf8))
                + DER.tagged(0x18, Array("99991231235959Z".utf8)))
        let subjectKey = DER.sequence(algorithm + DER.bits(key.publicKey.bytes))
        let alternativeName = DER.sequence(
            DER.identifier([0x55, 0x1d, 0x11])
                + DER.octets(DER.sequence(DER.tagged(0x86, Array(uri.utf8)))))
        let content = DER.sequence(
            DER.tagged(0xa0, DER.integer([2])) + DER.integer([1]) + algorithm + name + validity
                + name + subjectKey + DER.tagged(0xa3, DER.sequence(alternativeName)))
        return DER.sequence(content + algorithm + DER.bits(key.sign(content)))
    }

    private static func pem(_ label: String, _ bytes: [UInt8]) -> [UInt8] {
        var text = "-----BEGIN \(label)-----\n"
        let base64 = Array(Base64.encode(bytes).utf8)
        for start in stride(from: 0, to: base64.count, by: 64) {
            text += String(decoding: base64[start..<min(start + 64, base64.count)], as: UTF8.self)
            text += "\n"
        }
        return Array((text + "-----END \(label)-----\n").utf8)
    }
}

/// The distinguished encoding of ASN.1 (X.690), as far as a certificate of a node needs it.
private enum DER {
    static func tagged(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        let count = content.count
        let length: [UInt8] =
            switch count {
            case ..<0x80: [UInt8(count)]
            case ..<0x100: [0x81, UInt8(count)]
            default:
                [0x82, UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count)]
            }
        return [tag] + length + content
    }

    static func sequence(_ content: [UInt8]) -> [UInt8] { tagged(0x30, content) }
    static func set(_ content: [UInt8]) -> [UInt8] { tagged(0x31, content) }
    static func integer(_ bytes: [UInt8]) -> [UInt8] { tagged(0x02, bytes) }
    static func identifier(_ bytes: [UInt8]) -> [UInt8] { tagged(0x06, bytes) }
    static func octets(_ bytes: [UInt8]) -> [UInt8] { tagged(0x04, bytes) }
    static func bits(_ bytes: [UInt8]) -> [UInt8] { tagged(0x03, [0] + bytes) }
}
