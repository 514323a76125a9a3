import InterlockConsoleWorld
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockSchemas
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockAPI
@testable import InterlockAdministration
@testable import InterlockApprovals
@testable import InterlockConsole
@testable import InterlockEvidence

/// The API as service accounts call it, with a token and without a person.
struct ServiceAccountTests {
    private let actions = MadeServices()

    private func browser(_ sources: ConsoleSources = ConsoleSources()) -> Browser {
        var browser = Browser(person: nil, hasEntry: true, sources: sources, services: actions)
        browser.more = [("authorization", "Bearer \(MadeServices.token)")]
        return browser
    }

    private func asked(_ operation: Operation) -> String {
        operation.path.parts.map { part in
            switch part {
            case .word(let word): word
            case .place("approval"): "apr_00000000000000000000000000"
            case .place: "00000000000000000000000000"
            }
        }.joined(separator: "/")
    }

    @Test func `what a service may ask for is read, and all of it is a GET`() {
        for operation in Operation.published where operation.isForServices {
            #expect(operation.method == .get && operation.body == nil && !operation.isSigned)
        }
        let forServices = Set(Operation.published.filter(\.isForServices).map(\.name))
        #expect(
            forServices.isDisjoint(with: [
                "getSession", "listApprovals", "getApproval", "streamApprovals", "draftSignOff",
            ]))
        #expect(
            forServices.isSuperset(of: [
                "getStanding", "streamStanding", "searchRecords", "getRecordProofs", "listRuns",
                "getRunBundle", "listAgents", "listAgentEvals", "getAgentEvals", "listAlerts",
                "listHalts", "followReport",
            ]))
    }

    @Test func `nothing else is answered, before a body is read`() async throws {
        let browser = browser()
        for operation in Operation.published where !operation.isForServices && !operation.isOpen {
            let path = asked(operation)
            let answer = await browser.call(path, operation.method == .post ? "{}" : nil)
            #expect(answer.problem == "not_for_services" && answer.status == 403, "\(path)")
            let judged = browser.console.judge(
                RequestHead(
                    listener: .people, method: operation.method.rawValue,
                    path: PeopleAPI.prefix + path, query: nil, headers: browser.headers,
                    contentLength: nil))
            guard case .refuse = judged else {
                Issue.record("\(path) is read")
                continue
            }
        }
        #expect(browser.world.actions == [])
    }

    @Test func `the document says who may ask with what`() {
        for operation in Operation.published {
            let method = operation.method == .get ? "get" : "post"
            let described = OpenAPI.document["paths"]?[operation.path.text]?[method]
            let schemes = described?["security"]?.array?.flatMap { $0.object?.members ?? [] }
                .map(\.key)
            #expect(
                (schemes ?? []).contains("service_token") == operation.isForServices,
                "\(operation.name)")
        }
    }

    @Test func `a token that does not count is nobody's, whatever is asked`() async {
        var browser = browser()
        for token in [
            "Bearer ", "Bearer x", "Bearer ils_" + String(repeating: "A", count: 43),
            "Basic \(MadeServices.token)", MadeServices.token, "bearer\(MadeServices.token)",
        ] {
            browser.more = [("authorization", token)]
            for path in ["/standing", "/session", "/openapi.json", "/none"] {
                let answer = await browser.call(path)
                #expect(answer.problem == "unknown_token" && answer.status == 401, "\(token)")
                #expect(answer["www-authenticate"]?.hasPrefix("Bearer ") == true)
            }
            #expect(await browser.call("/approvals/draft", "{}").status == 401)
        }
        browser.more = []
        let query = await browser.call("/servers?access_token=\(MadeServices.token)")
        #expect(query.problem == "not_signed_in")
    }

    @Test func `a token beside a cookie is refused, and so is one on a page`() async {
        let browser = browser()
        let both = await browser.call("/servers", and: [("cookie", "a=b")])
        #expect(both.problem == "malformed" && both.status == 400)
        for page in ["/now", "/approvals", "/sign-in"] {
            #expect(await browser.get(page).status == 403, "\(page)")
        }
        let elsewhere = await browser.call(
            "/servers", without: ["host"], and: [("host", "evil.example")])
        #expect(elsewhere.problem == "not_served_here")
        let site = await browser.call("/servers", and: [("sec-fetch-site", "cross-site")])
        #expect(site.problem == "foreign_origin")
    }

    @Test func `a service sees as its role does, and can do nothing`() async throws {
        let browser = browser(DirectoryWorld(text: "x").sources)
        let listed = await browser.call("/agents")
        #expect(listed.status == 200 && listed.json?["agents"]?.array?.count == 1)
        let agent = await browser.call("/agents/clerk")
        #expect(agent.status == 200)
        #expect(agent["access-control-allow-origin"] == nil)
        let visibility = Visibility(of: MadeServices.siem)
        let clerk = try #require(AgentName("clerk"))
        #expect(visibility.sees(clerk) && !visibility.reads(clerk) && !visibility.readsAll)
        #expect(visibility.powers.isEmpty)
        let all = Visibility(
            of: ServiceAccount(id: MadeServices.id, name: MadeServices.siem.name, role: .security))
        #expect(all.readsAll && all.powers.isEmpty)
    }

    @Test func `which services there are is for who reads all`() async throws {
        #expect(await browser().call("/services").json?["services"]?.array?.isEmpty == true)
        actions.role.withLock { $0 = .security }
        let listed = try #require(await browser().call("/services").json)
        let services = try #require(listed["services"]?.array)
        #expect(services.map { $0["service"]?.string } == ["siem"])
        try ServiceAccountStatus.form.shape.check(try #require(services.first))
        #expect(!"\(listed)".contains(MadeServices.token))
    }

    @Test(.timeLimit(.minutes(1)))
    func `a stream ends with its token`() async throws {
        let browser = browser()
        let listener = browser.console.api.listener(MadeServices.siem, MadeServices.token)
        #expect(listener.holder == .service(MadeServices.id))
        let exchange = HeldExchange()
        let changes = browser.world.changes()
        let api = browser.console.api
        let task = Task { await api.stream(exchange, changes, for: listener) }
        _ = await eventually { browser.world.listenerCount != 0 }
        actions.isThere.withLock { $0 = false }
        browser.world.put(try browser.world.office.request(1))
        await task.value
        #expect(
            !exchange.events.withLock { $0 }.contains { !$0.hasPrefix("event: beat\n") }
                && exchange.ended.withLock { $0 })
        #expect(browser.console.api.streams.count == 0)
    }
}

/// Authenticates one service account with one token.
private final class MadeServices: ServiceAccountAuthenticator {
    static let token = "ils_" + String(repeating: "B", count: 42) + "A"
    static let id = OrderID(milliseconds: 7, random: [UInt8](repeating: 7, count: 10))
    static let siem = ServiceAccount(id: id, name: ServiceAccountName("siem")!, role: .kill)
    let isThere = Mutex(true)
    let role = Mutex(Role.kill)

    func service(of token: String) -> ServiceAccount? {
        guard token == Self.token, isThere.withLock({ $0 }) else { return nil }
        return ServiceAccount(id: Self.id, name: Self.siem.name, role: role.withLock { $0 })
    }

    var services: [ServiceAccountStatus] {
        let office = ConsoleOffice()
        return [
            ServiceAccountStatus(
                token: ServiceAccountToken(
                    hash: Digest(words: (1, 2, 3, 4)), id: Self.id, name: Self.siem.name,
                    role: .kill, issuer: office.voter(0).pseudonym, made: ConsoleOffice.start,
                    expires: ConsoleOffice.start + .seconds(60)),
                issuer: office.people[0], used: nil)
        ]
    }
}
