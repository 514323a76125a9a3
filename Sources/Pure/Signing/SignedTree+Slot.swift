import InterlockLedger
package import InterlockModel

/// The content of the slot in which a signer keeps its tree: u16 length of the signed note, the note, u8 number of
/// peaks, the peaks, zeros.
extension SignedTree {
    /// - Parameters:
    ///   - note: the signed checkpoint of this tree.
    ///   - number: the number of the write, one more than that of the other slot.
    /// - Returns: the bytes of the slot, or nil if the note does not fit.
    package func slot(_ note: [UInt8], number: UInt64) -> [UInt8]? {
        var writer = SigningFieldsWriter()
        let size = 2 + note.count + 1 + peaks.count * 32
        guard note.count <= Int(UInt16.max), size <= TreeSlot.contentBytes else { return nil }
        writer.add(UInt64(note.count), width: 2)
        writer.add(note)
        writer.add(UInt64(peaks.count), width: 1)
        for peak in peaks { writer.add(peak) }
        return TreeSlot.encode(writer.bytes, number: number)
    }

    /// Reads a slot. A tree that the key did not sign does not count, so no other process can put one in its place.
    ///
    /// - Parameter keys: the public keys that may have signed it.
    /// - Returns: nil unless the slot is whole, the note is signed and the peaks have its root.
    package init?(
        slot: TreeSlot, keys: [PublicKey], verifier: any SignatureVerifier,
        hashing: any Hashing
    ) {
        var fields = SigningFields(slot.content)
        guard slot.number != nil, let length = fields.integer(2),
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
