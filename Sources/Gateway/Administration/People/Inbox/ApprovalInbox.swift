package import InterlockApprovals
package import InterlockModel

/// The requests for approval as people on the people plane see them and act on them.
package protocol ApprovalInbox: Sendable {
    /// All that this person may see, in no order: open ones and those that were decided. From memory.
    func requests(for viewer: Person) async -> [ApprovalRequest]

    /// nil for one that is not there or that this person may not see; nobody can tell which.
    func request(_ id: ApprovalID, for viewer: Person) async -> ApprovalRequest?

    /// Done and durable on return. Judges by itself whether this person may; another revision than the
    /// request's is `revisionChanged`.
    func perform(
        _ deed: InboxAction, on id: ApprovalID, revision: Int, by session: PersonSession
    ) async throws(ApprovalRefusal)

    /// One element after each change of any request, several changes at once perhaps as one; ends with the
    /// process. The caller lets it go when nobody listens.
    func changes() -> AsyncStream<Void>
}

/// What a person can do on a page without a signature: both can only refuse.
package enum InboxAction: Sendable, Hashable {
    case deny(DenialReason, text: String)
    case revoke(text: String)
}
