import InterlockApprovals
import InterlockConsoleWorld
import InterlockModel
import Synchronization
import Testing

@testable import InterlockAPI
@testable import InterlockAdministration
@testable import InterlockConsole
@testable import InterlockEvidence
@testable import InterlockMarkup
@testable import InterlockPolicyReview

/// Pages do not show as known what the gateway does not know, or what the viewer does not see.
struct KnownStatesTests {
    private func text(_ content: [HTML]) -> String { Outline(HTML.group(content).bytes).text }

    @Test(arguments: [Set<Role>(), [.security]])
    func `a search without rights says that there is no access`(_ roles: Set<Role>) async {
        let shelf = EvidenceShelf()
        shelf.state.withLock { $0.rows = [] }
        var sources = shelf.sources
        sources.visibility = { Visibility(person: $0, roles: roles, own: []) }
        let page = await Browser(sources: sources).get("/audit").text
        #expect(page.contains("No access to records") == roles.isEmpty)
        #expect(page.contains("No records found") == !roles.isEmpty)
    }

    @Test func `a server that is not pinned is so also while another is not connected`() throws {
        let servers = [
            ServerStatus(
                name: try #require(ServerName("a")),
                state: .ready(ServerStatus.Offered(tools: 1)), pins: nil),
            ServerStatus(name: try #require(ServerName("b")), state: .notConnected, pins: 1),
        ]
        let page = ServersPage(servers: servers, page: 1)
        let html = String(decoding: page.header.html(at: nil).bytes, as: UTF8.self)
        #expect(html.contains("badge warning") && html.contains("1 not pinned"))
        #expect(!html.contains("1 not connected"))
    }

    @Test(arguments: [nil, 2] as [Int?])
    func `the page of a server that is not pinned says so, and is not green`(pins: Int?) {
        let status = ServerStatus(
            name: DirectoryWorld.desk, state: .ready(ServerStatus.Offered(tools: 1)), pins: pins)
        let detail = ServerDetail(
            at: DirectoryWorld.start, status: status, environment: "staging", version: "1",
            protocolVersion: "2025-11-25", otherInstructions: nil, tools: [], page: 1, pages: 1,
            toolCount: 1, faultCount: 0, agents: [], agentCount: 0, actions: [])
        let voter = ConsoleOffice().voter(0)
        let session = PersonSession(
            person: voter.person, pseudonym: voter.pseudonym, formToken: "form-token")
        let page = ServerPage(
            detail: detail, signer: OrderSigner(session: session, roles: [], way: .command),
            orders: [], seesAll: true)
        let html = String(decoding: page.header.html(at: nil).bytes, as: UTF8.self)
        #expect(html.contains("Ready, not pinned") == (pins == nil))
        #expect(html.contains("badge good") == (pins != nil))
    }

    @Test func `a viewer of some agents reads that the count is of those`() async throws {
        let world = DirectoryWorld(text: "plain")
        for (person, seesAll) in [(0, true), (1, false)] {
            let page = await Browser(person: person, sources: world.sources).get("/servers/desk")
            #expect(page.text.contains("Agents that you see") == !seesAll)
        }
        let person = ConsoleOffice().people[0]
        let refunds = try #require(AgentName("refunds"))
        for visibility in [
            Visibility(person: person, roles: [.security], own: []),
            Visibility(person: person, roles: [], own: [refunds]),
            Visibility(person: person, roles: [], own: []),
        ] {
            let detail = try await PolicyShelf(more: 1).ruleDetail(
                named: "servers.desk.tools.tool0", for: visibility)
            let page = PolicyRulePage(detail: detail, page: 1, seesAll: visibility.seesAll)
            let text = text([page.header.html(at: nil)] + page.content)
            #expect(text.contains("Agents that you see") == !visibility.seesAll)
            #expect(text.contains(AgentsPage.noAccess) == !visibility.seesSomeAgents)
        }
    }

    @Test func `a revision that waits for signatures is no refused one`() {
        let seen = PolicyShelf().overview(
            for: Visibility(person: ConsoleOffice().people[0], roles: [], own: []))
        for (code, isPending) in [("sign_off", true), ("findings", false)] {
            let refusal = PolicyReload.RefusalView(code: code, sentence: "why", findings: [])
            let view = PolicyOverview(
                digest: seen.digest, org: "acme", revision: nil, compiled: seen.compiled,
                status: seen.status, signed: seen.signed, owners: [], lock: "", servers: 1,
                tools: 1, agents: 1, findings: [], notEnforced: [],
                last: PolicyReload(at: seen.compiled, refusal: refusal), isProposed: isPending)
            let text = text(PolicyPage(view: view).content)
            #expect(text.contains("Has waited for signatures since") == isPending)
            #expect(text.contains("Refused ") == !isPending)
        }
    }

    @Test(arguments: [
        ("E101", "error"), ("L101", "lint error"), ("W212", "warning"), ("N101", "not enforced"),
        ("N102", "no effect yet"),
    ])
    func `a finding says its severity`(code: String, severity: String) {
        let finding = PolicyFinding(
            place: PolicyShelf.place(1), code: code, message: "m", help: nil, isWaived: false)
        let text = text([PolicyLabels.findings([finding], caption: "c")])
        #expect(text.contains("\(code) \(severity)"))
    }

    @Test func `a code of another version has no severity`() {
        let finding = PolicyFinding(
            place: PolicyShelf.place(1), code: "E999", message: "m", help: nil, isWaived: false)
        let text = text([PolicyLabels.findings([finding], caption: "c")])
        #expect(text.contains("E999") && !text.contains("error"))
    }

    @Test(arguments: [
        (0, "the author"), (1, "one person other than the author"),
        (2, "2 people other than the author"),
    ])
    func `the people who must sign are said`(need: Int, words: String) {
        let signing = SignOffProgress(
            author: nil, isAuthors: false, signers: [], uncounted: 0, need: need, eligible: [])
        #expect(signing.neededSigners == words)
    }
}
