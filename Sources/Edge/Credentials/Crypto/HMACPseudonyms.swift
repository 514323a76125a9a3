package import InterlockModel
import InterlockPorts

/// Pseudonyms under the node's own secret: base64 of the first 16 bytes of HMAC-SHA256 over issuer, 0x00 and the
/// person's address (docs/specs/ledger.md, section 5). If the secret is lost, no pseudonym of this node can be linked
/// to a person again.
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
