import InterlockAPI
package import InterlockAdministration
import InterlockAlerts
import InterlockApprovals
import InterlockMarkup
package import InterlockModel
package import InterlockPorts

/// `/deny/TOKEN`: the page behind the link in an e-mail. There is no signed-in person, so it shows only what the e-mail
/// said, and it can only deny. Reading it changes nothing, because mail scanners open every link; submitting its form
/// denies.
package struct DenialPages: RequestHandler {
    private let denials: DenialLinkService
    private let assets: Assets
    private let requests: PageRequest
    private let clock: any Clock

    private static let formLimitBytes = 1024

    /// - Parameter origins: the origins of the console, as browsers write them.
    package init(
        origins: [String], denials: DenialLinkService, clock: any Clock, hashing: some Hashing
    ) {
        requests = PageRequest(origins: OwnOrigins(texts: origins))
        self.denials = denials
        self.clock = clock
        assets = Assets(hashing)
    }

    package func serves(_ path: String) -> Bool { path.hasPrefix(DenialToken.pathPrefix) }

    package func judge(_ head: RequestHead) -> HeadDecision {
        requests.judge(
            head,
            takes: DenialToken(path: head.path).map { _ in .both(limitBytes: Self.formLimitBytes) },
            none: nothing, refusal: sentence)
    }

    package func handle(_ head: RequestHead, body: [UInt8], _ exchange: any Exchange) async {
        guard let token = DenialToken(path: head.path) else { return exchange.respond(nothing) }
        exchange.respond(head.method == "POST" ? await deny(token) : await show(token))
    }

    private func show(_ token: DenialToken) async -> HTTPResponse {
        do throws(StoreFailure) {
            guard let found = try await denials.request(of: token) else { return nothing }
            return page(found.request, token).response(200, .bare(assets, at: clock.wall))
        } catch {
            return sentence(503, "This cannot be looked up now. Try again in a moment.")
        }
    }

    private func deny(_ token: DenialToken) async -> HTTPResponse {
        do throws(ApprovalRefusal) {
            try await denials.deny(token)
            return sentence(200, "The request is denied. The call will not run.")
        } catch {
            switch error {
            case .noSuchRequest: return nothing
            case .notRecorded:
                return sentence(503, "Nothing was denied: it cannot be recorded now. Try again.")
            default: return sentence(error.kind.status, "Nothing was denied: \(error).")
            }
        }
    }

    /// The response to every invalid token, regardless of the reason.
    private var nothing: HTTPResponse {
        sentence(
            404, "This link counts for nothing: it was used, or its request is decided or over.")
    }

    private func sentence(_ status: Int, _ sentence: String) -> HTTPResponse {
        let badge =
            status == 200
            ? StatusBadge(.denied, "Denied", from: "The gateway has recorded it.")
            : StatusBadge(ofError: status)
        return Page(
            title: status == 200 ? "Denied" : "\(status)", viewer: nil,
            header: PageHeader(sentence, badge)
        ) {}.response(status, .bare(assets))
    }

    private func page(_ request: ApprovalRequest, _ token: DenialToken) -> Page {
        let call = request.review.call
        var facts = Facts()
        facts.add("Request", text: request.id.shown)
        facts.add("Agent", text: call.agent.text)
        facts.add("Tool", text: call.address.wireName)
        facts.add("Tier") { Shape.tier(request.decision.tier) }
        facts.add("Until") {
            Shape.time(request.expires)
            ", "
            Shape.exact(request.expires)
        }
        let header = PageHeader(
            "Deny this request?", kind: "Request",
            request.state == .approved
                ? StatusBadge(.plain, "Approved", from: "The request, as it is now.")
                : StatusBadge(.pending, "Pending", from: "The request, as it is now."))
        return Page(title: "Deny a request", viewer: nil, header: header) {
            facts.html
            element(.p) {
                request.state == .approved
                    ? "It is approved and not used yet. Denying takes the approval back."
                    : "One denial ends it. To approve it, sign in to the console."
            }
            element(.form, .word(.method, "post"), .link(.action, Link("deny", token.text))) {
                element(.button, .style(.deny), .word(.type, "submit")) { "Deny" }
            }
        }
    }
}
