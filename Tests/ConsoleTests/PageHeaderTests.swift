import InterlockAdministration
import InterlockConsoleWorld
import InterlockModel
import Testing

@testable import InterlockAPI
@testable import InterlockConsole
@testable import InterlockMarkup

/// The top of a page: the component, and what it is on every page.
struct PageHeaderTests {
    private func outline(_ header: PageHeader) -> Outline {
        let outline = Outline(header.html(at: ConsoleOffice.start).bytes)
        #expect(outline.faults.isEmpty)
        return outline
    }

    private let badge = StatusBadge(.working, "Active", from: "The test.")

    @Test func `a header has its name, its status with evidence and time, and its facts`() {
        var header = PageHeader(
            kind: "Agent", back: .init(words: "All agents", link: Link("agents")), badge
        ) { SafeText.text("<b>refunds") }
        header.fact("Owner") { "ines" }
        header.fact("Nothing", text: nil)
        let page = outline(header)
        #expect(page.text.contains("<b>refunds") && page.text.contains("ines"))
        #expect(!page.text.contains("Nothing"))
        #expect(page.tags.count { $0.hasPrefix("h1") } == 1)
        #expect(page.values.contains("/agents"))
        // The popover is named by the button alone, so that it opens without a script.
        #expect(page.values.count { $0 == "evidence" } == 2)
        #expect(page.text.contains("The test.") && page.text.contains("2026-11-18 11:06:40 UTC"))
    }

    @Test func `the first two actions besides the primary one are shown, the others in a popover`()
        throws
    {
        var header = PageHeader("Server", badge)
        header.primary = HeaderAction("Release", Link("a"))
        for name in ["One", "Two", "Three", "Four"] {
            header.add(HeaderAction(name, Link(name)))
        }
        header.add(nil)
        let text = outline(header).text
        let more = try #require(text.firstRange(of: "More actions")).lowerBound
        for name in ["Release", "One", "Two"] {
            #expect(try #require(text.firstRange(of: name)).lowerBound < more)
        }
        for name in ["Three", "Four"] {
            #expect(try #require(text.firstRange(of: name)).lowerBound > more)
        }
    }

    @Test func `the age of the evidence alone does not replace the header`() {
        func version(_ words: String, _ age: Duration?) -> String {
            let header = PageHeader(
                "Overview", StatusBadge(.working, words, from: "Checks.", age: age))
            let text = String(decoding: header.html(at: ConsoleOffice.start).bytes, as: UTF8.self)
            return String(text.split(separator: "data-version=\"")[1].prefix { $0 != "\"" })
        }
        #expect(version("Working", .seconds(1)) == version("Working", .seconds(2)))
        #expect(version("Working", nil) != version("Unknown", nil))
    }

    @Test func `the whole equals its worst part, and working names weak points`() {
        func words(_ states: [HealthCheck.State], _ weak: Int = 0, _ faults: [String] = [])
            -> String
        {
            let parts = zip(HealthCheck.Part.allCases, states)
            return HealthSummary(
                checks: parts.map { HealthCheck($0, $1, "words", age: .seconds(1)) },
                weakPoints: weak, faults: faults
            ).badge.words
        }
        #expect(words([.working, .attention, .problem, .unknown]) == "Problem")
        #expect(words([.working, .attention, .unknown]) == "Needs attention")
        #expect(words([.working, .unknown]) == "Unknown")
        #expect(words([]) == "Unknown")
        #expect(words([.working, .notSetUp]) == "Working")
        #expect(words([.working], 3) == "Working, 3 weak points")
        #expect(words([.working], 0, ["the log is stuck"]) == "Problem")
    }

    @Test func `every page has one heading, one status, at most five facts and one primary action`()
        async throws
    {
        let world = try await PageWorld()
        for path in world.paths { check(await world.browser.get(path).text, path) }
        check(await Browser(person: nil).get("/now").text, "signed out")
    }

    private func check(_ page: String, _ path: String) {
        #expect(count("<div class=\"head\">", page) == 1, "\(path)")
        #expect(count("<h1>", page) == 1, "\(path)")
        #expect(count("popovertarget=\"evidence\"", page) == 1, "\(path)")
        #expect(count("id=\"evidence\"", page) == 1, "\(path)")
        #expect(count("class=\"act primary\"", page) <= 1, "\(path)")
        let header = page.firstRange(of: "<dl class=\"line\">")
        #expect(
            (header.map { factCount(page[$0.upperBound...]) } ?? 0) <= PageHeader.mostFacts,
            "\(path)")
        for list in page.ranges(of: "<dl class=\"facts\">") {
            #expect(factCount(page[list.upperBound...]) <= Facts.mostInList, "\(path)")
        }
    }

    /// Counts the facts of the list that begins the page's rest. Those in the popover of a mark are not its own.
    private func factCount(_ rest: Substring) -> Int {
        var (depth, count) = (1, 0)
        for tag in rest.split(separator: "<") where depth > 0 {
            if tag.hasPrefix("dl") { depth += 1 }
            if tag.hasPrefix("/dl>") { depth -= 1 }
            if depth == 1, tag.hasPrefix("dt>") { count += 1 }
        }
        return count
    }

    private func count(_ part: String, _ page: String) -> Int { page.ranges(of: part).count }

    @Test func `a page says without scripts that it stays as it is`() async throws {
        let page = try await PageWorld().browser.get("/now").text
        #expect(page.contains("<noscript>Does not update by itself</noscript>"))
        #expect(page.contains(">11:06:40 UTC</time>"))
    }

    @Test func `a stopped agent is in the title, and its tiles lead to its cards`() async throws {
        let page = try await PageWorld().browser.get("/agents/clerk").text
        #expect(page.contains("Stopped: clerk · Interlock</title>"))
        #expect(page.contains("120 tools") && page.contains("0 without approval"))
        for anchor in ["agent-rights", "agent-controls", "agent-now"] {
            #expect(page.contains("href=\"#\(anchor)\"") && page.contains("id=\"\(anchor)\""))
        }
    }
}
