import InterlockLedger
import InterlockModel

/// The run keys of one day, decrypted. A value: `BucketFolder` reads and writes the file.
struct Bucket: Sendable {
    let day: CivilDate
    /// The key that seals this bucket's entries; each erasure replaces it.
    private let key: [UInt8]
    private var slots: [PayloadOwner: BucketSlot] = [:]
    /// The owners in the order of the file.
    private var order: [PayloadOwner] = []

    private static let mark = Array("interlock/bk/1".utf8)

    init(day: CivilDate, key: [UInt8]) {
        self.day = day
        self.key = key
    }

    /// - Throws: `malformed` if a valid entry follows one that cannot be opened: the file was changed, not cut short.
    init(_ file: BucketFile, key: [UInt8]) throws(KeyFailure) {
        self.init(day: file.day, key: key)
        var torn = false
        for slot in file.slots {
            guard let owner = slot.owner, opened(slot) != nil else {
                torn = true
                continue
            }
            guard !torn else {
                throw KeyFailure(
                    .malformed, "the bucket of \(file.day.text) is damaged",
                    help: "restore it from the backup of `state/keys`")
            }
            put(slot, owner)
        }
    }

    var owners: [PayloadOwner] { order }

    func answer(_ owner: PayloadOwner) -> RunKeyResponse {
        guard let slot = slots[owner] else { return .missing }
        if slot.kind == .erased { return .erased }
        return opened(slot).map(RunKeyResponse.key) ?? .missing
    }

    /// Adds a key; the owner must not have one yet.
    /// - Returns: the entry to append to the file.
    mutating func add(
        _ owner: PayloadOwner, _ runKey: [UInt8], _ entropy: some Entropy
    ) -> [UInt8] {
        let slot = sealed(.key, owner, runKey, entropy)
        put(slot, owner)
        return slot.bytes
    }

    /// Returns the same bucket under another key, with the keys of `erased` replaced by an erasure mark.
    func rewritten(
        under newKey: [UInt8], erasing erased: Set<PayloadOwner>, _ entropy: some Entropy
    ) -> Bucket {
        var bucket = Bucket(day: day, key: newKey)
        for owner in order {
            let isErased = erased.contains(owner) || slots[owner]?.kind == .erased
            guard case .key(let runKey) = answer(owner), !isErased else {
                bucket.put(
                    bucket.sealed(.erased, owner, [UInt8](repeating: 0, count: 32), entropy), owner)
                continue
            }
            bucket.put(bucket.sealed(.key, owner, runKey, entropy), owner)
        }
        return bucket
    }

    /// The size of all entries in the file.
    var byteCount: Int { order.count * BucketSlot.byteCount }

    /// The complete file: `head`, then the entries.
    func bytes(head: [UInt8]) -> [UInt8] {
        order.reduce(into: head) { bytes, owner in
            if let slot = slots[owner] { bytes += slot.bytes }
        }
    }

    /// Passes the bucket key to `wrap`.
    func wraps(_ wrap: ([UInt8]) -> [BucketWrap]) -> [BucketWrap] { wrap(key) }

    private mutating func put(_ slot: BucketSlot, _ owner: PayloadOwner) {
        if slots.updateValue(slot, forKey: owner) == nil { order.append(owner) }
    }

    private func sealed(
        _ kind: BucketSlot.Kind, _ owner: PayloadOwner, _ runKey: [UInt8], _ entropy: some Entropy
    ) -> BucketSlot {
        BucketSlot(
            kind, owner,
            sealed: Sealing.seal(runKey, under: key, data: data(kind, owner), entropy))
    }

    private func opened(_ slot: BucketSlot) -> [UInt8]? {
        guard let kind = slot.kind, let owner = slot.owner else { return nil }
        let opened = Sealing.open(slot.sealed, under: key, data: data(kind, owner))
        return opened?.count == 32 ? opened : nil
    }

    private func data(_ kind: BucketSlot.Kind, _ owner: PayloadOwner) -> [UInt8] {
        Self.mark + Array(day.text.utf8) + BucketSlot.head(kind, owner)
    }
}

enum RunKeyResponse: Sendable, Equatable {
    case key([UInt8])
    case erased
    case missing
}
