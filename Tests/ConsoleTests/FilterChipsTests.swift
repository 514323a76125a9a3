import Testing

@testable import InterlockConsole
@testable import InterlockMarkup

/// The chips, the empty lists and the positions of lists.
struct FilterChipsTests {
    @Test func `a chosen chip leads back to the whole list`() {
        let chips = FilterChips(
            label: "Which states", all: Link("agents"),
            chips: [
                .init("All", 1_234, Link("agents")),
                .init("Stopped", 2, Link("agents", query: [("state", "stopped")]), isChosen: true),
                .init("Active", Link("agents", query: [("state", "active")])),
            ])
        let page = Outline(chips.html.bytes)
        #expect(page.text == "All (1,234)Stopped (2) ×Active")
        #expect(!page.values.contains("/agents?state=stopped"))
        #expect(page.values.contains("/agents?state=active"))
        #expect(page.values.count { $0 == "/agents" } == 2)
    }

    @Test(arguments: [
        (1, 120, "1-50 of 120"), (3, 120, "101-120 of 120"), (2, 1_234, "51-100 of 1,234"),
        (1, 0, "0-0 of 0"),
    ])
    func `a position says its rows and how many there are`(
        _ page: Int, _ count: Int, _ words: String
    ) {
        #expect(Paging.range(page, of: count) == words)
    }

    @Test func `a filter that hides all is not an empty list`() {
        let hidden = Outline(EmptyList.noMatch(Link("alerts")).bytes)
        #expect(hidden.text == "No match. Clear filters" && hidden.values.contains("/alerts"))
        let empty = Outline(EmptyList.html("No run is open.") { " Since the start." }.bytes)
        #expect(empty.text == "No run is open. Since the start.")
    }
}
