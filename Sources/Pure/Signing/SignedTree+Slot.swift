import InterlockLedger
package import InterlockModel

/// The form in which a signer keeps its tree: u16 length of the signed note, the note, u8 number of peaks, the peaks,
/// zeros up to `slotBytes`.
extension SignedTree {
    package static let slotBytes = 4096

    /// - Parameter note: the signed checkpoint of this tree.
    /// - Returns: nil if the note does not fit.
    package func slot(_ note: [UInt8]) -> [UInt8]? {
        var writer = SigningFieldsWriter()
        let size = 2 + note.count + 1 + peaks.count * 32
        guard note.count <= Int(UInt16.max), size <= Self.slotBytes else { return nil }
        writer.add(UInt64(note.count), width: 2)
        writer.add(note)
        writer.add(UInt64(peaks.count), width: 1)
        for peak in peaks { writer.add(peak) }
        writer.add([UInt8](repeating: 0, count: Self.slotBytes - size))
        return writer.bytes
    }

    /// Reads a slot. A tree that the key did not sign is none, so no other process can put one in its
    /// place.
    ///
    /// - Parameter keys: the public keys that may have signed it.
    /// - Returns: nil unless the slot is whole, the note is signed and the peaks have its root.
    package init?(
        slot bytes: [UInt8], keys: [PublicKey], verifier: any SignatureVerifier,
        hashing: any Hashing
    ) {
        var fields = SigningFields(bytes)
        guard bytes.count == Self.slotBytes, let length = fields.integer(2),
            let raw = fields.take(Int(length)), let count = fields.integer(1)
        else { return nil }
        var peaks: [Digest] = []
        for _ in 0..<count {
            guard let peak = fields.digest() else { return nil }
            peaks.append(peak)
        }
        let note = Array(raw)
        guard fields.rest().allSatisfy({ $0 == 0 }),
            let origin = (try? Checkpoint(unverified: note))?.origin,
            let head = try? Checkpoint(
                signed: note,
                keys: keys.compactMap {
                    VerifierKey(name: origin, publicKey: $0.bytes, hashing: hashing)
                }, verifier: verifier),
            let range = CompactRange(size: head.size, peaks: peaks)
        else { return nil }
        self.init(origin: origin, range: range, TreeHash(hashing))
        guard self.head == head else { return nil }
    }
}
