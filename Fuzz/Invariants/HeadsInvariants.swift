import InterlockLedger

extension Invariants {
    /// The accepted heads of a log are unchanged after they are written and read again.
    package static func heads(_ bytes: [UInt8]) {
        guard let heads = LogHeads(decoding: bytes, in: 0..<bytes.count) else { return }
        let written = heads.encoded()
        precondition(
            LogHeads(decoding: written, in: 0..<written.count) == heads, "heads are read back")
    }
}
