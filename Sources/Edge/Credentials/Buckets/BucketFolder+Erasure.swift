import InterlockLedger
import InterlockModel

/// The steps of an erasure. After a crash behind any step, the next start or a repeated erasure completes it.
package enum ErasureStep: CaseIterable, Sendable {
    /// `wrap.key.next` is durable.
    case nextKey
    /// The buckets without the erased keys are durable, under new bucket keys.
    case rewritten
    /// Every other bucket is wrapped under the next wrapping key too.
    case rewrapped
    /// The old wrapping key's bytes are overwritten with zeros.
    case wiped
    /// `wrap.key` holds the next key.
    case renamed
}

extension BucketFolder {
    /// Destroys the keys of `owners`, the buckets of `days`, and the keys that wrapped them.
    ///
    /// - Returns: whether anything was there to destroy; if not, nothing is written.
    mutating func erase(
        owners: Set<PayloadOwner>, days: Set<CivilDate>,
        after: (ErasureStep) throws(KeyFailure) -> Void = { _ in }
    ) throws(KeyFailure) -> Bool {
        if previous != nil { try finishRotation() }
        var present: [PayloadOwner] = []
        for owner in owners {
            if case .key = try answer(owner) { present.append(owner) }
        }
        var buckets: [CivilDate] = []
        for day in days {
            if case .present = try bucket(of: day) { buckets.append(day) }
        }
        guard !present.isEmpty || !buckets.isEmpty else { return false }
        // The cache is dropped first, so that whatever happens below, the state is read from disk again.
        forgetOpened()
        guard let next = WrappingKey(entropy.bytes(32)) else {
            throw KeyFailure(.argument, "no key could be made")
        }
        try GuardedFile.replace(Self.nextWrapFile(keys), next.bytes, mode: 0o400)
        try after(.nextKey)
        previous = wrapping
        wrapping = next
        for day in buckets {
            try GuardedFile.replace(
                Self.path(keys, day), BucketFile(destroyed: day).head, mode: 0o600)
        }
        for (day, owners) in Dictionary(grouping: present, by: \.day)
        where !buckets.contains(day) {
            try rewrite(day, erasing: Set(owners))
        }
        try after(.rewritten)
        try finishRotation(after: after)
        return true
    }

    /// Wraps every bucket under the next key, wipes the old key, and gives the next one its name.
    mutating func finishRotation(
        after: (ErasureStep) throws(KeyFailure) -> Void = { _ in }
    ) throws(KeyFailure) {
        let found = try WrappingKeyPair(keys)
        if let old = found.current, old.id != wrapping.id {
            for day in try Self.days(keys) {
                guard case .present(let bucket) = try Self.read(keys, day, [wrapping, old]) else {
                    continue
                }
                try GuardedFile.replace(Self.path(keys, day), bytes(bucket), mode: 0o600)
            }
            try after(.rewrapped)
            try GuardedFile.wipe(Self.wrapFile(keys))
        }
        try after(.wiped)
        try GuardedFile.rename(Self.nextWrapFile(keys), to: Self.wrapFile(keys))
        previous = nil
        try after(.renamed)
    }

    private mutating func rewrite(
        _ day: CivilDate, erasing owners: Set<PayloadOwner>
    ) throws(KeyFailure) {
        guard case .present(let bucket) = try self.bucket(of: day) else { return }
        let rewritten = bucket.rewritten(under: entropy.bytes(32), erasing: owners, entropy)
        try GuardedFile.replace(Self.path(keys, day), bytes(rewritten), mode: 0o600)
        forgetOpened()
    }
}
