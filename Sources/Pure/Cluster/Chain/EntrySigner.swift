/// Signs entries with the key of the node's log, wherever it is.
package protocol EntrySigner: Sendable {
    /// Returns an entry of this node that says so now.
    ///
    /// - Parameter change: a change that one node may state.
    func draft(_ change: NarrowingChange) async throws(EntrySigningFailure) -> EntryDraft
}

/// The signer did not answer, or refused.
package struct EntrySigningFailure: Error, Hashable, Sendable {
    package let reason: String

    package init(_ reason: String) { self.reason = reason }
}
