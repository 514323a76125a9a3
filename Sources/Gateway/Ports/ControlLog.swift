package import InterlockModel

/// The control log: one ordered, hash-linked list of everything that changes what is allowed (docs/specs/cluster.md,
/// section 3; decision 0047). Services and commands append to it, never the path of a call.
///
/// The order of the numbers is the order of the changes, and of the entries about one subject the newest holds. An
/// implementation never changes or removes an entry, gives each number once, and links each entry to the one before it,
/// whichever process appended that. A caller that changes a row of the same store passes the draft with the change, so
/// that both are one transaction.
package protocol ControlLog: Sendable {
    /// Appends the drafts in one transaction, in their order, after all entries that exist. Durable on return. A kind that
    /// `isOnce` is not appended again for the same subject.
    ///
    /// - Returns: one entry for each draft; the existing one for an order that was appended before.
    /// - Throws: if it cannot be known that the entries are durable. They may be in the log nevertheless, all or none:
    ///   the caller must not permit what they permit, and may append them again.
    @discardableResult
    func append(_ drafts: [ControlDraft]) async throws(StoreFailure) -> [ControlEntry]

    /// Returns the entries after this number, at most `most`, in order and not verified; empty after the newest.
    func entries(
        after number: Int64, most: Int
    ) async throws(StoreFailure) -> [StoredControlEntry]

    /// Returns for each subject the newest entry of any of these kinds, in the order of the entries.
    ///
    /// - Throws: also if an entry is not as it was written: the caller then knows nothing about any subject.
    func newest(of kinds: Set<ControlKind>) async throws(StoreFailure) -> [ControlEntry]

    /// Returns a stream of the newest number after each append by this process. Numbers may be skipped. It is a hint:
    /// `entries` says what there is.
    func heads() -> AsyncStream<Int64>
}
