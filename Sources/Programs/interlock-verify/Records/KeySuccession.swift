/// The successive keys of a log: `log.genesis` names the first, each `key.rotate` the next, which signs that it
/// replaces the previous one.
struct KeySuccession {
    /// The current key as written, or nil until a record names a key.
    private var current: Octets?

    enum Step {
        case checked(Octets)
        /// The previous key is in a pruned part of the log.
        case unchecked(Octets)
    }

    /// - Returns: nil if the record is not a rotation.
    mutating func add(_ record: Record, of origin: Octets) throws(Fault) -> Step? {
        let written = record.fields.text("vkey")
        if record.type == "log.genesis", current == nil {
            current = written.flatMap { VerifierKey($0.bytes)?.kind == .note ? $0 : nil }
        }
        guard record.type == "key.rotate" else { return nil }
        guard let written, let key = VerifierKey(written.bytes), key.kind == .note,
            key.name == origin,
            let signature = record.fields.text("sig").flatMap({ Base64.decode($0.bytes[...]) }),
            current.map({ Self.proves(signature, written, key, after: $0) }) ?? true
        else { throw Fault("the new key did not sign for the place of the one before") }
        defer { current = written }
        return current == nil ? .unchecked(written) : .checked(written)
    }

    private static func proves(
        _ signature: [UInt8], _ written: Octets, _ key: VerifierKey, after old: Octets
    ) -> Bool {
        let parts = [Array("interlock/kr/1".utf8), key.name.bytes, old.bytes]
        let message = Array(parts.joined(separator: [0]))
        return written != old && Crypto.verifies(signature, of: message, by: key.key)
    }
}
