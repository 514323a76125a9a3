import InterlockLedger
package import InterlockModel

/// Signs statements of a node about itself with the log's key, wherever it is. Blocks for a bounded time if another
/// process holds it.
package protocol NodeStatementSigner: Sendable {
    var publicKey: PublicKey { get }

    /// Returns an envelope with a verified signature of the statement.
    ///
    /// - Throws: if a signer does not answer or refuses.
    func envelope(_ type: PayloadType, _ payload: [UInt8]) throws(KeyFailure) -> Envelope
}

extension Ed25519PrivateKey: NodeStatementSigner {}

/// The log's key as a signer holds it.
package struct RemoteStatementSigner: NodeStatementSigner {
    package let publicKey: PublicKey
    private let client: SignerClient

    package init(_ client: SignerClient, key: PublicKey) {
        self.client = client
        publicKey = key
    }

    package func envelope(
        _ type: PayloadType, _ payload: [UInt8]
    ) throws(KeyFailure) -> Envelope {
        let signature: [UInt8]
        do throws(LogSigningFailure) { signature = try client.sign(type, payload) } catch {
            throw KeyFailure(.agent, error.reason)
        }
        let message = preAuthenticationEncoding(type.text, payload)
        guard OpenSSLVerifier().verifies(signature, of: message, by: publicKey.bytes) else {
            throw KeyFailure(.agent, "the signer's signature does not verify")
        }
        return Envelope(
            payloadType: type, payload: payload, signatures: [.key(publicKey, signature)])
    }
}
