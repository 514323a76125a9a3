package import InterlockModel

/// The key with which a person signs votes, halts and releases. There is no third form: a flag, a user id or an
/// environment variable never represents a person.
package enum PersonKey: Sendable {
    /// A key from a passphrase-encrypted file.
    case file(Ed25519PrivateKey)
    /// A key held by ssh-agent.
    case agent(SSHAgent, PublicKey)

    package var publicKey: PublicKey {
        switch self {
        case .file(let key): key.publicKey
        case .agent(_, let key): key
        }
    }

    /// Returns an envelope with a signature of the statement's pre-authentication encoding.
    package func envelope(_ type: PayloadType, _ payload: [UInt8]) throws(KeyFailure) -> Envelope {
        switch self {
        case .file(let key): return key.envelope(type, payload)
        case .agent(let agent, let key):
            let message = preAuthenticationEncoding(type.text, payload)
            return Envelope(
                payloadType: type, payload: payload,
                signatures: [.key(key, try agent.sign(message, with: key))])
        }
    }
}

extension Ed25519PrivateKey {
    /// Returns an envelope with a signature of the statement's pre-authentication encoding.
    package func envelope(_ type: PayloadType, _ payload: [UInt8]) -> Envelope {
        let message = preAuthenticationEncoding(type.text, payload)
        return Envelope(
            payloadType: type, payload: payload, signatures: [.key(publicKey, sign(message))])
    }
}
