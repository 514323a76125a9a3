import InterlockAdministration
import InterlockApprovals
import InterlockConsoleWorld
import InterlockGovernor
import InterlockModel
import InterlockPorts
import Synchronization

@testable import InterlockAPI
@testable import InterlockConsole

/// Lets a test sign in by a path that only this program serves; the query is the session's key.
final class Gate: RequestHandler {
    private let world: ConsoleWorld
    private let console = Mutex<Console?>(nil)
    private static let signIn = "/test/sign-in/"

    init(world: ConsoleWorld) { self.world = world }

    func open(_ console: Console) { self.console.withLock { $0 = console } }

    func judge(_ head: RequestHead) -> HeadDecision {
        if head.path.hasPrefix(Self.signIn) || design(head) != nil {
            return .readBody(limitBytes: 0)
        }
        return console.withLock { $0 }?.judge(head) ?? .refuse(.plain(503, "not open"))
    }

    func handle(_ head: RequestHead, body: [UInt8], _ exchange: any Exchange) async {
        if head.path.hasPrefix(Self.signIn),
            let person = Int(head.path.dropFirst(Self.signIn.count))
        {
            let key = head.query.flatMap { Base64.decodeURL($0) }.flatMap(PersonSessionKey.init)
            return exchange.respond(
                HTTPResponse(
                    status: 303,
                    headers: [
                        ("location", "/approvals"),
                        ("set-cookie", HostCookie.session.set(world.signIn(person, key: key))),
                    ]))
        }
        if let page = design(head) { return exchange.respond(page) }
        await console.withLock { $0 }?.handle(head, body: body, exchange)
    }

    /// The response of the page of components; nil for other paths.
    private func design(_ head: RequestHead) -> HTTPResponse? {
        guard let assets = console.withLock({ $0 })?.assets else { return nil }
        let voter = world.office.voter(0)
        return DesignPage.response(
            to: head.path, assets: assets,
            viewer: PersonSession(
                person: voter.person, pseudonym: voter.pseudonym, formToken: "form-of-design"),
            now: world.now.wall)
    }
}
