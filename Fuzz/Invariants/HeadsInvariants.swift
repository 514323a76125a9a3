import InterlockLedger

extension Invariants {
    /// The heads of a log that are accepted are the same after they were written and read again.
    package static func heads(_ bytes: [UInt8]) {
        guard let heads = LogHeads(decoding: bytes, in: 0..<bytes.count) else { return }
        let written = heads.encoded()
        precondition(
            LogHeads(decoding: written, in: 0..<written.count) == heads, "heads are read back")
    }
}
