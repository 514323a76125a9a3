package import InterlockApprovals
package import InterlockModel

/// Read and write access to approval requests for people on the people plane.
package protocol ApprovalInbox: Sendable {
    /// The requests that this person may see, open and decided, in no particular order. Reads from memory.
    func requests(for viewer: Person) async -> [ApprovalRequest]

    /// Returns nil if the request does not exist or this person may not see it; the two cases are indistinguishable.
    func request(_ id: ApprovalID, for viewer: Person) async -> ApprovalRequest?

    /// Performs the action; durable on return. Checks the person's permission itself. Throws `revisionChanged` if
    /// `revision` is not the current revision of the request.
    func perform(
        _ deed: InboxAction, on id: ApprovalID, revision: Int, by session: PersonSession
    ) async throws(ApprovalRefusal)

    /// Yields an element after each change of any request; several changes may be merged into one. Ends with the
    /// process. The caller must release the stream when it is no longer used.
    func changes() -> AsyncStream<Void>
}

/// An action on a page that needs no signature; both kinds can only refuse.
package enum InboxAction: Sendable, Hashable {
    case deny(DenialReason, text: String)
    case revoke(text: String)
}
