package import InterlockModel
import InterlockPorts

/// Pseudonyms under the node's own secret: base64 of the first 16 bytes of HMAC-SHA256 over issuer,
/// 0x00 and the person's address (specs of the ledger, section 5). Losing the secret makes all
/// pseudonyms of this node unlinkable to people, for ever.
package struct HMACPseudonyms: Pseudonyms {
    private let secret: [UInt8]
    private let issuer: [UInt8]

    /// - Parameter secret: 32 bytes.
    package init(secret: [UInt8], issuer: String = "local") {
        precondition(secret.count == 32)
        self.secret = secret
        self.issuer = Array(issuer.utf8) + [0x00]
    }

    package func pseudonym(of person: Person) -> Pseudonym {
        let code = hmacSHA256(key: secret, issuer + Array(person.address.utf8))
        return Pseudonym(text: Base64.encode(Array(code.prefix(16))))
    }
}
