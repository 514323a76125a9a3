package import InterlockCluster
import InterlockLedger

/// A store key of a cluster with libcrypto. Each row is sealed under a key that HKDF-SHA256 derives from it.
package struct OpenSSLRowCipher: RowCipher {
    package let id: StoreKeyID
    private let derivation: KeyDerivation

    package static let secretBytes = 32

    /// - Parameter secret: the store key, which all nodes of the cluster share.
    /// - Returns: nil unless there are 32 bytes and not all of them are zero: such a key was wiped on purpose.
    package init?(_ secret: [UInt8]) {
        guard secret.count == Self.secretBytes, secret.contains(where: { $0 != 0 }) else {
            return nil
        }
        let derivation = KeyDerivation(secret: secret)
        let name = derivation.key(info: Array("interlock/store-key/id".utf8)).bytes
        guard let id = StoreKeyID(name.prefix(StoreKeyID.count)) else { return nil }
        self.id = id
        self.derivation = derivation
    }

    package func seal(
        _ plaintext: [UInt8], info: [UInt8], nonce: [UInt8], data: [UInt8]
    ) -> [UInt8] {
        let key = derivation.key(info: info).bytes
        return [UInt8](capacity: plaintext.count + AuthenticatedCipher.tagBytes) { output in
            AuthenticatedCipher.shared.seal(
                Span(), plaintext.span, key: key.span, nonce: nonce.span, data: data, to: &output)
        }
    }

    package func open(
        _ sealed: [UInt8], info: [UInt8], nonce: [UInt8], data: [UInt8]
    ) -> [UInt8]? {
        let key = derivation.key(info: info).bytes
        return AuthenticatedCipher.shared.open(
            sealed.span, key: key.span, nonce: nonce.span, data: data)
    }
}
