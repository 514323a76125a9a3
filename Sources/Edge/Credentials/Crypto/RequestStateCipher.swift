import InterlockLedger
package import InterlockModel
import InterlockPorts

/// Sealed `requestState` (docs/specs/mcp.md, section 5.6): AES-256-GCM with the deployment as additional data. The
/// key stays the same across restarts, so that an old state can be distinguished from a forged one.
package struct RequestStateCipher: StateSealer {
    private static let version = "v1"
    private static let largestText = 16 << 10

    private let key: [UInt8]
    private let keyID: String
    private let data: [UInt8]
    private let entropy: any Entropy

    /// - Parameters:
    ///   - secret: the secret that the key is derived from.
    ///   - deployment: the additional data; must be equal on all nodes.
    package init(secret: [UInt8], deployment: String, entropy: any Entropy) {
        let derivation = KeyDerivation(secret: secret)
        key = derivation.key(info: Array("interlock/request-state/1".utf8)).bytes
        let name = derivation.key(info: Array("interlock/request-state/id".utf8)).bytes
        keyID = Base64.encodeURL(Array(name.prefix(6)))
        data = Array(deployment.utf8)
        self.entropy = entropy
    }

    package func seal(_ plaintext: [UInt8]) -> String {
        let nonce = entropy.bytes(AuthenticatedCipher.nonceBytes)
        let sealed = [UInt8](capacity: plaintext.count + AuthenticatedCipher.tagBytes) { output in
            AuthenticatedCipher.shared.seal(
                [UInt8]().span, plaintext.span, key: key.span, nonce: nonce.span, data: data,
                to: &output)
        }
        return "\(Self.version).\(keyID).\(Base64.encodeURL(nonce + sealed))"
    }

    package func open(_ text: String) -> [UInt8]? {
        guard text.utf8.count <= Self.largestText else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == Self.version, parts[1] == keyID,
            let bytes = Base64.decodeURL(parts[2]), Base64.encodeURL(bytes) == parts[2],
            bytes.count >= AuthenticatedCipher.nonceBytes
        else { return nil }
        let span = bytes.span
        return AuthenticatedCipher.shared.open(
            span.extracting(AuthenticatedCipher.nonceBytes..<bytes.count), key: key.span,
            nonce: span.extracting(0..<AuthenticatedCipher.nonceBytes), data: data)
    }
}
