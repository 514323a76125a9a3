import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel

extension Invariants {
    /// A bucket is written as it was read, except for a torn end; an owner has one spelling.
    package static func bucket(_ bytes: [UInt8]) {
        guard let file = BucketFile(parsing: bytes) else { return }
        let again = file.slots.reduce(into: file.head) { $0 += $1.bytes }
        precondition(bytes.starts(with: again), "a bucket is written as it was read")
        precondition(
            bytes.count - again.count < BucketSlot.byteCount, "only a torn entry is left out")
        precondition(!file.isDestroyed || file.slots.isEmpty, "a destroyed bucket has no entry")
        for slot in file.slots {
            guard let kind = slot.kind, let owner = slot.owner else { continue }
            precondition(
                slot.bytes.starts(with: BucketSlot.head(kind, owner)), "an owner has one spelling")
        }
    }

    /// A sealed payload opens to exactly its own content, and no bytes crash the opener.
    package static func payload(_ bytes: [UInt8]) {
        let hashing = OpenSSLHashing()
        let cipher = OpenSSLPayloadCipher()
        let key = PayloadKey(words: hashing.sha256([0x01]))
        let opener = PayloadOpener(keys: OneKey(key: key), cipher: cipher, hashing: hashing)
        let sealed = SealedPayload(
            field: "args", plaintext: bytes, key: key,
            random: PayloadRandom(
                salt: hashing.sha256([0x02]).bytes,
                nonce: Array(hashing.sha256([0x03]).bytes.prefix(PayloadForm.nonceBytes))),
            cipher: cipher, hashing: hashing)
        guard let record = record(sealed.commitment) else {
            preconditionFailure("a commitment stands in a record")
        }
        precondition(
            opener.open("args", of: record, blob: sealed.blob) == .opened(bytes),
            "what was sealed opens")
        precondition(
            opener.open("args", of: record, blob: bytes) != .opened(bytes),
            "bytes that were not sealed do not open")
        _ = cipher.open(bytes.span, key: key)
        // Simulates a store that holds these bytes: only plaintext, or bytes sealed with this very key, may get this
        // far.
        let named = Commitment(
            stored: hashing.sha256(bytes), content: sealed.commitment.content, length: bytes.count)
        if let record = self.record(named) { _ = opener.open("args", of: record, blob: bytes) }
    }

    private static func record(_ commitment: Commitment) -> StoredRecord? {
        let leaf: JSONValue = [
            "args": commitment.json, "call": "01kag0qwz3b5d7f9h1k3m5p7r9", "node": "gw1", "rs": 0,
            "run": "01kag0q9v4x2m7c8d3e5f6g7h8", "t": "call.intent", "ts": 1, "v": 1,
        ]
        return (try? leaf.canonical()).flatMap { try? StoredRecord(parsing: $0) }
    }
}

private struct OneKey: PayloadKeySource {
    let key: PayloadKey
    func key(of name: PayloadName) -> PayloadKeyResponse { .key(key) }
}
