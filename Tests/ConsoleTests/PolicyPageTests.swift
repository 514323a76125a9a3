import InterlockConsoleWorld
import InterlockJSON
import InterlockModel
import InterlockPolicyReview
import InterlockSchemas
import Synchronization
import Testing

@testable import InterlockAPI
@testable import InterlockAdministration
@testable import InterlockConsole
@testable import InterlockEvidence
@testable import InterlockMarkup

/// The pages of the policy and the matching API.
struct PolicyPageTests {
    private static let pages = [
        "/policy", "/policy/rules", "/policy/agents", "/policy/agents/refunds", "/policy/proposed",
        "/policy/findings", "/policy/matrix", "/policy/matrix/refunds/billing",
        "/policy/rules/servers.desk.tools.tool0",
    ]

    private func browser(
        roles: Set<Role> = [.security], own: [String] = [],
        _ shelf: PolicyShelf = PolicyShelf(more: 1)
    ) -> Browser {
        Browser(sources: .with(roles: roles, own: own, policy: shelf))
    }

    @Test(arguments: pages)
    func `a page shows texts of any origin and makes none of them a part of itself`(
        _ path: String
    ) async {
        let answer = await browser().get(path)
        #expect(answer.status == 200)
        #expect(!answer.text.contains("<script>document"))
        #expect(!answer.text.contains("<img src"))
        #expect(!answer.text.contains("\u{202e}"))
        #expect(!answer.text.contains("\u{1b}"))
        #expect(answer.text.contains(#"aria-current="page""#))
    }

    @Test(arguments: pages)
    func `where nothing is behind them there are no such pages`(_ path: String) async {
        #expect(await Browser().get(path).status == 404)
        #expect(await Browser().call("/policy").problem == "not_read")
    }

    @Test func `a person sees their own agents alone, and of others not even that they are there`()
        async
    {
        let owner = browser(roles: [], own: ["refunds"])
        let list = await owner.get("/policy/agents")
        #expect(list.text.contains("/policy/agents/refunds"))
        #expect(!list.text.contains("triage"))
        #expect(await owner.get("/policy/agents/refunds").status == 200)
        let foreign = await owner.get("/policy/agents/triage")
        let missing = await owner.get("/policy/agents/nobody")
        #expect(foreign.status == 404 && foreign.text == missing.text)
        #expect(await owner.call("/policy/agents/triage").problem == "no_such_policy")
        #expect(await owner.call("/policy/agents/refunds").status == 200)
        let all = await owner.call("/policy/agents")
        #expect(all.json?["count"]?.integer == 1)
    }

    @Test func `what waits is read by whoever may judge it`() async {
        let owner = browser(roles: [], own: ["refunds"])
        #expect(await owner.get("/policy/proposed").status == 404)
        #expect(await owner.call("/policy/proposed").problem == "no_such_policy")
        #expect(!(await owner.get("/policy").text).contains("/policy/proposed"))
        let security = browser()
        #expect(await security.get("/policy").text.contains("/policy/proposed"))
        let page = await security.get("/policy/proposed")
        #expect(page.text.contains("2 people other than the author"))
        #expect(page.text.contains("sign-off"))
    }

    @Test func `a refused reload is amber, and a revision that waits for signatures is pending`() {
        func header(_ code: String?, isProposed: Bool = false) -> String {
            let seen = PolicyShelf().overview(
                for: Visibility(person: ConsoleOffice().people[0], roles: [], own: []))
            let refusal = code.map {
                PolicyReload.RefusalView(code: $0, sentence: "why", findings: [])
            }
            let view = PolicyOverview(
                digest: seen.digest, org: seen.org, revision: nil, compiled: seen.compiled,
                status: seen.status, signed: seen.signed, owners: [], lock: "", servers: 1,
                tools: 1, agents: 1, findings: [], notEnforced: [],
                last: PolicyReload(at: seen.compiled, refusal: refusal), isProposed: isProposed)
            let html = PolicyHeader(view: view, name: "Policy").header.html(at: nil)
            return String(decoding: html.bytes, as: UTF8.self)
        }
        let refused = header("findings")
        #expect(refused.contains("badge warning") && refused.contains("Signed, reload refused"))
        #expect(refused.contains("Last reload refused: the files on disk are not in force"))
        let older = header("findings", isProposed: true)
        #expect(older.contains("badge warning"))
        for waiting in [header("sign_off"), header("sign_off", isProposed: true)] {
            #expect(waiting.contains("badge pending") && !waiting.contains("badge good"))
        }
        #expect(header(nil).contains("badge good"))
    }

    @Test func `while it is compared it is said so`() async {
        let shelf = PolicyShelf()
        shelf.isBusy.withLock { $0 = true }
        let browser = browser(shelf)
        let page = await browser.get("/policy/proposed")
        #expect(page.status == 503 && page["retry-after"] == "2")
        #expect(page["refresh"] == "2" && page.text.contains("loads again by itself"))
        #expect(await browser.call("/policy/proposed").problem == "too_many")
    }

    @Test func `a long list is cut into pages, and a filter keeps its words on each`() async {
        let browser = browser(PolicyShelf(more: 120))
        let first = await browser.get("/policy/rules?kind=tool&about=desk")
        #expect(first.text.contains("120 rules, 1-50 shown"))
        #expect(first.text.contains("kind=tool&amp;about=desk&amp;page=2"))
        let last = await browser.get("/policy/rules?kind=tool&page=9")
        #expect(last.text.contains(".<wbr>tool119<") && !last.text.contains(".<wbr>tool99<"))
        let agents = await browser.get("/policy/agents?name=agent11")
        #expect(agents.text.contains("11 agents"))
        let rules = await browser.call("/policy/rules?kind=tool&page=3")
        #expect(rules.json?["rules"]?.array?.count == 20)
        #expect(await browser.get("/policy/rules?page=x").status == 400)
        #expect(await browser.call("/policy/rules?page=0").problem == "malformed")
        #expect(await browser.call("/policy/rules?kind=none").problem == "malformed")
    }

    @Test func `every answer is as the document says`() async throws {
        let browser = browser()
        for (path, shape) in [
            ("/policy", PolicyOverview.form.shape), ("/policy/findings", PolicyFinding.page.shape),
            ("/policy/rules", PolicyRule.page.shape), ("/policy/agents", PolicyAgent.page.shape),
            ("/policy/agents/refunds", AgentRules.form.shape),
            ("/policy/proposed", PolicyProposal.form.shape),
            ("/policy/proposed/changes", PolicyChange.page.shape),
            ("/policy/proposed/files", RevisionFileDiff.form.shape),
            ("/policy/proposed/worst-cases", WorstCaseComparison.form.shape),
            ("/policy/matrix", PolicyMatrix.form.shape),
            ("/policy/matrix/refunds/billing", MatrixDetail.form.shape),
            ("/policy/rules/servers.desk.tools.tool0", PolicyRuleDetail.form.shape),
        ] {
            let answer = await browser.call(path)
            #expect(answer.status == 200)
            try shape.check(try #require(answer.json))
        }
    }

    @Test(arguments: [
        "/policy/", "/policy/none", "/policy/agents/", "/policy/agents/A B", "/policy/agents/a/b",
        "/policy/matrix/", "/policy/matrix/refunds", "/policy/matrix/A B/billing", "/policy/rules/",
        "/policy/rules/none", "/policy/rules/%zz",
    ])
    func `no other address is one`(_ path: String) async {
        #expect(await browser().get(path).status == 404)
    }
}
