package import InterlockApprovals
package import InterlockEvidence
import InterlockJSON
package import InterlockModel
package import InterlockPorts

/// Approval requests for the people plane: decides who may see a request and performs people's actions on it.
///
/// INVARIANT: nothing is approved on a page before it was read, by the gateway's own clock, and a statement is signed
/// in its own page alone. Kept by `ApprovalInboxServiceTests`, `test_console_serve.py`, `test_console_attacks.py`.
package final class ApprovalInboxService: Sendable {
    let service: ApprovalService
    let people: AuthorizedKeysHolder
    let clock: any Clock
    let hashing: any Hashing
    let readings: any ReviewReadings
    let statements: any PageStatements
    private let watch: RefusalRecorder<Pseudonym>
    private let visible = VisibleRequests()

    /// The service of one node, which keeps reading times in memory.
    package convenience init(
        service: ApprovalService, people: AuthorizedKeysHolder, clock: any Clock,
        hashing: any Hashing
    ) {
        let tracker = OneNodeRegistry(ReviewReadTracker())
        self.init(
            service: service, people: people, clock: clock, hashing: hashing, readings: tracker,
            statements: tracker)
    }

    package init(
        service: ApprovalService, people: AuthorizedKeysHolder, clock: any Clock,
        hashing: any Hashing, readings: any ReviewReadings, statements: any PageStatements
    ) {
        self.readings = readings
        self.statements = statements
        self.service = service
        self.people = people
        self.clock = clock
        self.hashing = hashing
        watch = RefusalRecorder("approval.refused", clock: clock, alarm: service.ports.alarm)
    }

    /// Visible to people who may vote on the request, or could after an escalation, or have voted; to the agent's
    /// owner, who is notified of its end; and to the roles `break_glass` and `security`.
    private func sees(_ viewer: Person, _ request: ApprovalRequest, _ roles: Set<Role>) -> Bool {
        Self.seesAll(roles) || request.isVoter(viewer) || request.escalation?.to.person == viewer
            || request.hasVote(of: viewer)
            || request.review.facts["owner"]?.string == viewer.address
    }

    private static func seesAll(_ roles: Set<Role>) -> Bool {
        roles.contains(.security) || roles.contains(.breakGlass)
    }

    /// Performs an action and records its refusal with the session's person. Refusals beyond the rate limit are not
    /// recorded.
    ///
    /// - Parameter isNo: if true, the action can only refuse and is performed even over the limit.
    /// - Throws: the refusal of the action, or `tooOften`.
    func watched<Done, Refused: InboxRefusal>(
        _ session: PersonSession, at id: ApprovalID, isNo: Bool = false,
        _ action: () async throws(Refused) -> Done
    ) async throws(Refused) -> Done {
        let isOver = watch.isOver(session.pseudonym)
        guard !isOver || isNo else { throw .tooOften }
        do throws(Refused) { return try await action() } catch {
            watch.note(
                session.pseudonym, "\(error.kind.rawValue) \(session.pseudonym.text) \(id.text)")
            throw isOver ? .tooOften : error
        }
    }

    private func roles(of viewer: Person) -> Set<Role> { people.trust?.person(viewer)?.roles ?? [] }
}

extension ApprovalInboxService: ApprovalInbox {
    package func requests(for viewer: Person) async -> [ApprovalRequest] {
        let roles = roles(of: viewer)
        let seesAll = Self.seesAll(roles)
        return visible.requests(of: seesAll ? nil : viewer, roles, at: service.version) {
            seesAll ? service.shown : service.shown.filter { sees(viewer, $0, roles) }
        }
    }

    package func waitingCount(for viewer: Person) async -> Int {
        // A voter sees the request, whatever the roles.
        visible.waiting(for: viewer, at: service.version) { service.waitingCount(for: viewer) }
    }

    package func request(_ id: ApprovalID, for viewer: Person) async -> ApprovalRequest? {
        service.shown(id).flatMap { sees(viewer, $0, roles(of: viewer)) ? $0 : nil }
    }

    package func perform(
        _ action: InboxAction, on id: ApprovalID, revision: Int, by session: PersonSession
    ) async throws(ApprovalRefusal) {
        try await watched(session, at: id, isNo: true) { () async throws(ApprovalRefusal) in
            try await act(action, on: id, revision: revision, by: session)
        }
    }

    private func act(
        _ action: InboxAction, on id: ApprovalID, revision: Int, by session: PersonSession
    ) async throws(ApprovalRefusal) {
        guard let request = await request(id, for: session.person) else { throw .noSuchRequest }
        // A pending request cannot be revoked, only denied; an approved request never becomes pending again.
        if case .revoke = action, request.state == .pending { throw .notGranted }
        let (reason, text): (DenialReason?, String) =
            switch action {
            case .deny(let reason, let text): (reason, text)
            case .revoke(let text): (nil, text)
            }
        _ = try await service.object(
            to: id,
            Objection(
                person: session.person, pseudonym: session.pseudonym, revision: revision,
                means: .session, reason: reason, text: text))
    }

    package func changes() -> AsyncStream<Void> { service.changes() }
}

/// Read and write access to approval requests for people on the people plane.
package protocol ApprovalInbox: Sendable {
    /// The requests that this person may see, open and decided, in no particular order. Reads from memory.
    func requests(for viewer: Person) async -> [ApprovalRequest]

    /// The number of the requests that wait for this person's vote. Reads from memory.
    func waitingCount(for viewer: Person) async -> Int

    /// Returns nil if the request does not exist or this person may not see it; the two cases are indistinguishable.
    func request(_ id: ApprovalID, for viewer: Person) async -> ApprovalRequest?

    /// Performs the action; durable on return. Checks the person's permission itself. Throws `revisionChanged` if
    /// `revision` is not the current revision of the request.
    func perform(
        _ action: InboxAction, on id: ApprovalID, revision: Int, by session: PersonSession
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
