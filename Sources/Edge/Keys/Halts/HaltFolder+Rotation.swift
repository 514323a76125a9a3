package import InterlockModel

extension HaltFolder {
    /// Signs the epoch of `state/kill` with the node's new key in place of the old one, so that a start under the new
    /// key accepts it. An epoch that the old key did not sign is left unchanged for the start to verify. Durable on
    /// return.
    package static func resignEpoch(
        in path: String, from old: PublicKey, by key: Ed25519PrivateKey
    ) throws(KeyFailure) {
        let file = path + "/epoch.json"
        guard
            let bytes = try GuardedFile.ifPresent(
                try GuardedFile.read(file, limit: largestEpoch, rules: .trusted)),
            let envelope = try? Envelope(parsing: bytes, payloadLimit: OrderLimits.epochBytes),
            envelope.payloadType == .epoch, envelope.signatures.map(\.key) == [old],
            envelope.isSigned(by: OpenSSLVerifier()),
            let epoch = try? Epoch(parsing: envelope.payload)
        else { return }
        try HaltFolder(path: path, org: epoch.org, node: epoch.node, key: key).write(epoch)
    }
}
