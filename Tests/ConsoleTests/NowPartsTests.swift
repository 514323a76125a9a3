import InterlockAdministration
import InterlockConsoleWorld
import InterlockGovernor
import InterlockModel
import Testing

@testable import InterlockAPI
@testable import InterlockConsole

struct NowPageTests {
    private let status = BusyStatus()
    private var browser: Browser { Browser(sources: ConsoleSources(status: status)) }

    @Test func `the first page is how the house stands`() async {
        let browser = browser
        #expect(await browser.get("/")["location"] == "/now")
        let page = await browser.get("/now")
        #expect(page.status == 200)
        #expect(page.text.contains("<dt>Open runs</dt><dd>41</dd>"))
        #expect(page.text.contains("1\u{202f}048\u{202f}576"))
        #expect(page.text.contains("2 of 3 checks passed, the others are not set up"))
    }

    @Test func `a halt stands above every page, and what is not sound first on this one`() async {
        let browser = browser
        status.halt()
        let page = await browser.get("/now").text
        #expect(page.contains("class=\"bad\"><dt>Active halts</dt><dd>1</dd>"))
        #expect(page.contains("ledger: it has not grown for three beats"))
        #expect(
            page.contains("<span class=\"badge bad\"><svg") && page.contains("</svg>stopped</span>")
        )
        #expect(await browser.get("/approvals").text.contains("crm-sync</bdi> (agent)"))
    }

    @Test func `a refused call changes the figures and the drawn hour, and no other part`() async {
        let browser = browser
        let before = versions(await browser.get("/now").text)
        status.refuse()
        let after = versions(await browser.get("/now").text)
        // The notices and the header are two of them.
        #expect(before.count == 9 && after.count == 9)
        #expect(zip(before, after).count { $0 != $1 } == 2)
    }

    @Test func `nobody without a session sees it`() async {
        var browser = browser
        browser.token = nil
        let page = await browser.get("/now")
        #expect(page.status == 401 && !page.text.contains("support-triage"))
    }

    private func versions(_ page: String) -> [String] {
        page.split(separator: "data-version=\"", omittingEmptySubsequences: false).dropFirst()
            .map { String($0.prefix { $0 != "\"" }) }
    }
}
