package import InterlockModel

extension Envelope {
    /// Returns the keys that signed the envelope, in the order of the signatures. Returns none if one signature is by a
    /// passkey or does not verify, so that a damaged envelope never counts in part.
    package func verifiedKeys(_ verifier: any SignatureVerifier) -> [PublicKey] {
        let message = message
        var keys: [PublicKey] = []
        for signature in signatures {
            guard case .key(let key, let bytes) = signature,
                verifier.verifies(bytes, of: message, by: key.bytes)
            else { return [] }
            keys.append(key)
        }
        return keys
    }
}
