import InterlockLedger
import InterlockModel

/// The run keys of one day, opened. A value: what happens to the file is `BucketFolder`'s.
struct Bucket: Sendable {
    let day: CivilDate
    /// Under which this bucket's entries are sealed; a new one after each erasure.
    private let key: [UInt8]
    private var slots: [PayloadOwner: BucketSlot] = [:]
    /// In the order of the file.
    private var order: [PayloadOwner] = []

    private static let mark = Array("interlock/bk/1".utf8)

    init(day: CivilDate, key: [UInt8]) {
        self.day = day
        self.key = key
    }

    /// - Throws: `malformed` when an entry that does not open has one behind it that does: then it was
    ///   changed, not torn.
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

    /// Adds a key that was not there.
    /// - Returns: the entry to append to the file.
    mutating func add(
        _ owner: PayloadOwner, _ runKey: [UInt8], _ entropy: some Entropy
    ) -> [UInt8] {
        let slot = sealed(.key, owner, runKey, entropy)
        put(slot, owner)
        return slot.bytes
    }

    /// The same bucket under another key, where the keys of `erased` are replaced by the mark that they
    /// were there.
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

    /// Of all entries, in the file.
    var byteCount: Int { order.count * BucketSlot.byteCount }

    /// The whole file behind its head.
    func bytes(head: [UInt8]) -> [UInt8] {
        order.reduce(into: head) { bytes, owner in
            if let slot = slots[owner] { bytes += slot.bytes }
        }
    }

    /// The bucket key, for wrapping it again.
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
