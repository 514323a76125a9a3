package import InterlockModel

extension Envelope.Signature {
    /// The bytes of a key's signature; empty for a passkey.
    package var bytes: [UInt8] {
        if case .key(_, let bytes) = self { bytes } else { [] }
    }

    /// The signature with other bytes, as if the same key had made them.
    package func with(_ bytes: [UInt8]) -> Envelope.Signature {
        guard let key else { preconditionFailure("a passkey's signature is no bytes alone") }
        return .key(key, bytes)
    }
}
