/// Signs entries with the key of the node's log, wherever it is.
package protocol EntrySigner: Sendable {
    /// Returns an entry of this node that says so now.
    ///
    /// - Parameter change: a change that one node may state.
    func draft(_ change: NarrowingChange) async throws(EntrySigningFailure) -> EntryDraft

    /// Returns an entry of this node with statements of people.
    ///
    /// - Parameter subject: as nodes expect it of the kind.
    func draft(
        _ kind: WideningKind, _ statements: PeopleStatements, subject: String
    ) async throws(EntrySigningFailure) -> EntryDraft
}

/// The signer did not answer, or refused.
package struct EntrySigningFailure: Error, Hashable, Sendable {
    package let reason: String

    package init(_ reason: String) { self.reason = reason }
}
