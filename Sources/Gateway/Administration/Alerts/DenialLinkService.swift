package import InterlockAlerts
package import InterlockApprovals
import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockNotification
package import InterlockPorts

/// Denial of a request by a link in a mail (docs/specs/approvals.md, section 8). A token belongs to one person and one
/// request. Opening its page changes nothing, since mail scanners open every link.
///
/// INVARIANT: a link in a mail denies once, for one person and request, by a form alone; no file has its token. Kept
/// by `DenialLinkServiceTests`, `Fuzz/DenialToken`, `test_channels.py`.
package final class DenialLinkService: Sendable {
    /// Computes a 32-byte authentication code that only this node can make. It is deterministic, so a mail that is sent
    /// again has the same link and no token is stored.
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

    /// Creates the link's token. The link is durable on return, so it works when the mail arrives.
    ///
    /// - Returns: nil if the request is not open or this person may not decide it.
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

    /// Returns what a page may show to the holder of the token. Changes nothing.
    ///
    /// - Returns: nil if the token is unknown or spent, its request is not open, or its person is not a voter any more.
    ///   The caller cannot distinguish these cases.
    package func request(
        of token: DenialToken
    ) async throws(StoreFailure) -> (request: ApprovalRequest, link: DenialLink)? {
        guard let link = try await store.link(token.hash(hashing), now: clock.wall),
            let request = approvals.shown(link.request), !request.state.isFinal,
            request.voters.contains(where: { $0.pseudonym == link.person })
        else { return nil }
        return (request, link)
    }

    /// Denies the request, or revokes an unused approval. On return the change is durable in the log and in the store.
    ///
    /// - Throws: if nothing happened; `noSuchRequest` if the token is not valid.
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
        // The request has ended, so a token that could not be marked as spent opens nothing either.
        _ = try? await store.spend(link.hash)
    }
}

/// A channel that writes to people, with a link by which each recipient can deny the request. The link is made when a
/// mail is sent and is stored in no file.
package struct LinkedChannel: NotificationChannel {
    private let channel: any NotificationChannel
    private let links: DenialLinkService
    private let console: String

    /// - Parameter console: the console's base URL, such as `https://interlock.example`.
    package init(_ channel: any NotificationChannel, _ links: DenialLinkService, console: String) {
        self.channel = channel
        self.links = links
        self.console = console
    }

    package var name: ChannelName { channel.name }

    package func send(_ alert: OutgoingNotification, held: Int) async -> DeliveryResult {
        guard let recipient = alert.recipient, let request = alert.request,
            ApprovalNotification.Kind(rawValue: alert.kind)?.asks == true
        else { return await channel.send(alert, held: held) }
        do throws(StoreFailure) {
            guard let token = try await links.token(for: request, to: recipient) else {
                return await channel.send(alert, held: held)
            }
            let linked = alert.with("deny", .string(console + token.path))
            return await channel.send(linked, held: held)
        } catch { return .failed("its link cannot be kept: \(error.reason)") }
    }
}
