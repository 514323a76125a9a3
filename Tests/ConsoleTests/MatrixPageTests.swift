import InterlockConsoleWorld
import InterlockJSON
import InterlockModel
import Synchronization
import Testing

@testable import InterlockAPI
@testable import InterlockAdministration
@testable import InterlockConsole
@testable import InterlockMarkup

/// The matrix, its cells and the pages of rules.
struct MatrixPageTests {
    private func browser(
        roles: Set<Role> = [.security], own: [String] = [], _ shelf: PolicyShelf = PolicyShelf()
    ) -> Browser {
        Browser(sources: .with(roles: roles, own: own, policy: shelf))
    }

    @Test func `a cell says its outcome, leads to its tools, and stars a condition`() async {
        let text = await browser().get("/policy/matrix").text
        #expect(text.contains(#"<a href="/policy/matrix/refunds/billing">allowed</a>"#))
        #expect(text.contains(#"<a href="/policy/matrix/refunds/crm">2 people</a>"#))
        // The same condition of two agents is one footnote.
        #expect(text.contains(##"<a href="#condition-1""##) && text.contains(">*1</a>"))
        #expect(text.contains(#"<li id="condition-1">"#) && !text.contains("condition-2"))
        #expect(!text.contains("/policy/matrix/refunds/tickets") && text.contains(">none<"))
        #expect(text.contains("Agents 1-2 of 2, servers 1-3 of 3"))
        #expect(text.contains("held"))
    }

    @Test func `an owner sees their own agents alone, also by API`() async {
        let owner = browser(roles: [], own: ["refunds"])
        let page = await owner.get("/policy/matrix")
        #expect(page.text.contains("refunds") && !page.text.contains("triage"))
        #expect(await owner.call("/policy/matrix").json?["count"]?.integer == 1)
        let foreign = await owner.get("/policy/matrix/triage/billing")
        let missing = await owner.get("/policy/matrix/none/billing")
        #expect(foreign.status == 404 && foreign.text == missing.text)
        #expect(await owner.call("/policy/matrix/triage/billing").problem == "no_such_policy")
    }

    @Test func `a filter stays in the addresses of other pages`() async {
        let browser = browser(PolicyShelf(more: 120))
        let path = "/policy/matrix?agent=agent&effect=spends_money&outcome=allowed&approver=p1"
        let page = await browser.get(path)
        #expect(
            page.text.contains(
                "agent=agent&amp;effect=spends_money&amp;outcome=allowed&amp;approver=p1&amp;page=2"
            ))
        #expect(page.text.contains("Agents 1-50 of 120"))
        #expect(await browser.get(path + "&page=3").text.contains("Agents 101-120 of 120"))
        for wrong in ["effect=none", "outcome=never", "columns=x", "page=x"] {
            #expect(await browser.get("/policy/matrix?\(wrong)").status == 400)
            #expect(await browser.call("/policy/matrix?\(wrong)").problem == "malformed")
        }
        #expect(await browser.get("/policy/matrix?columns=-3").status == 200)
    }

    @Test func `while it is computed it is said so`() async {
        let shelf = PolicyShelf()
        shelf.isBusy.withLock { $0 = true }
        let browser = browser(shelf)
        let page = await browser.get("/policy/matrix?outcome=denied")
        #expect(page.status == 503 && page["refresh"] == "2")
        #expect(await browser.call("/policy/matrix?outcome=denied").problem == "too_many")
    }

    @Test func `the tools of a cell name their rules with links, and reasons without`() async {
        let text = await browser().get("/policy/matrix/refunds/billing").text
        #expect(text.contains(#"<a href="/policy/rules/no-refund">"#))
        #expect(!text.contains("/policy/rules/no-approvers"))
        #expect(text.contains("spends money") && text.contains("L103"))
    }

    @Test func `a rule is found by a name of any bytes`() async throws {
        let name = PolicyShelf.texts[0]
        let link = PolicyRoute.rule(name).link.text
        let browser = browser()
        let page = await browser.get(link)
        #expect(page.status == 200 && page.text.contains("tests</caption>"))
        #expect(await browser.call(link).status == 200)
        let rules = await browser.get("/policy/rules")
        #expect(rules.text.contains(link))
        #expect(await browser.call("/policy/rules/none").problem == "no_such_policy")
    }
}
