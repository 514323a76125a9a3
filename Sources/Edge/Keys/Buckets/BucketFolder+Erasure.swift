import InterlockLedger
import InterlockModel

/// What an erasure has done; a crash behind any step is mended by the next start, or by erasing again.
package enum ErasureStep: CaseIterable, Sendable {
    /// `wrap.key.next` is durable.
    case nextKey
    /// The buckets without the erased keys are durable, under new bucket keys.
    case rewritten
    /// Every other bucket is under the next wrapping key too.
    case rewrapped
    /// The old wrapping key's bytes are overwritten with zeros.
    case wiped
    /// `wrap.key` is the next one.
    case renamed
}

extension BucketFolder {
    /// Destroys the keys of `owners` and the buckets of `days`, and the keys that they were kept under.
    ///
    /// - Returns: whether anything was there to destroy; where nothing was, nothing is written.
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
        // Whatever happens from here on, what is on disk is asked again.
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

    /// Puts every bucket under the next key, wipes the old one, and gives the next its name.
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
