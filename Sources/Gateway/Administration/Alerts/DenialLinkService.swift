package import InterlockAlerts
package import InterlockApprovals
import InterlockLedger
package import InterlockModel
package import InterlockPorts

/// Turning a request down by a link out of a mail (specs of approvals, section 8). A token is one person's
/// for one request. Looking at its page changes nothing, since scanners of mails open every link.
package final class DenialLinkService: Sendable {
    /// Makes 32 bytes that nobody else can, always the same of the same message: so a mail that is tried again
    /// has the same link, and no token is kept anywhere.
    package typealias Code = @Sendable (_ message: [UInt8]) -> [UInt8]

    private let approvals: ApprovalService
    private let store: any DenialLinkStore
    private let clock: any Clock
    private let hashing: any Hashing
    private let code: Code

    package init(
        approvals: ApprovalService, store: any DenialLinkStore, clock: any Clock,
        hashing: any Hashing, code: @escaping Code
    ) {
        self.approvals = approvals
        self.store = store
        self.clock = clock
        self.hashing = hashing
        self.code = code
    }

    /// Durable on return, so the link works when it arrives.
    ///
    /// - Returns: nil where the request is not open, or is not this person's to decide.
    func token(
        for id: ApprovalID, to recipient: MailAddress
    ) async throws(StoreFailure) -> DenialToken? {
        guard let request = approvals.shown(id), !request.state.isFinal,
            let voter = request.voters.first(where: { $0.person.address == recipient.text })
        else { return nil }
        let message = "interlock/deny-link/1\n\(id.text)\n\(voter.pseudonym.text)"
        let token = DenialToken(code: code(Array(message.utf8)))
        try await store.keep(
            DenialLink(
                hash: token.hash(hashing), request: id, person: voter.pseudonym,
                expires: request.expires + request.useWithin), now: clock.wall)
        return token
    }

    /// What a page may show to whoever has the token. Changes nothing.
    ///
    /// - Returns: nil when the token is unknown or spent, its request not open, or its person no voter any
    ///   more: nobody can tell which.
    package func request(
        of token: DenialToken
    ) async throws(StoreFailure) -> (request: ApprovalRequest, link: DenialLink)? {
        guard let link = try await store.link(token.hash(hashing), now: clock.wall),
            let request = approvals.shown(link.request), !request.state.isFinal,
            request.voters.contains(where: { $0.pseudonym == link.person })
        else { return nil }
        return (request, link)
    }

    /// Denies, or takes an unused approval back. On return it is durable, in the log as in the store.
    ///
    /// - Throws: after which nothing happened; `noSuchRequest` for a token that counts for nothing.
    package func deny(_ token: DenialToken) async throws(ApprovalRefusal) {
        let found: (request: ApprovalRequest, link: DenialLink)?
        do throws(StoreFailure) { found = try await request(of: token) } catch {
            throw .notRecorded("store")
        }
        guard let (request, link) = found else { throw .noSuchRequest }
        guard let voter = request.voters.first(where: { $0.pseudonym == link.person }) else {
            throw .noSuchRequest
        }
        _ = try await approvals.object(
            to: link.request,
            Objection(
                person: voter.person, pseudonym: voter.pseudonym, revision: nil, means: .mail,
                reason: nil, text: ""))
        // The request has ended, so a token that could not be struck out opens nothing either.
        _ = try? await store.spend(link.hash)
    }
}
