package import InterlockModel

extension Envelope.Signature {
    /// What a key has made; nothing of a passkey.
    package var bytes: [UInt8] {
        if case .key(_, let bytes) = self { bytes } else { [] }
    }

    /// As if the same key had made these bytes.
    package func with(_ bytes: [UInt8]) -> Envelope.Signature {
        guard let key else { preconditionFailure("a passkey's signature is no bytes alone") }
        return .key(key, bytes)
    }
}
