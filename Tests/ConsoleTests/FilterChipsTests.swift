import Testing

@testable import InterlockAPI
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
        #expect(page.text == "All (1\u{202f}234)Stopped (2) ×Active")
        #expect(!page.values.contains("/agents?state=stopped"))
        #expect(page.values.contains("/agents?state=active"))
        #expect(page.values.count { $0 == "/agents" } == 2)
    }

    @Test func `several fields are behind a button on a phone, and so are chips after the third`() {
        func form(_ count: Int, isEmpty: Bool = true, _ values: [String?]? = nil) -> Outline {
            let form = FilterForm(list: Link("runs"), isEmpty: isEmpty, values: values) {
                Form.hidden("show", "all")
                for number in 0..<count {
                    FilterForm.text("Agent", "agent", Anchor("filter", number), nil)
                }
            }
            return Outline(form.html.bytes)
        }
        #expect(form(2).values.count { $0 == "filter-fields" } == 2)
        #expect(form(2, isEmpty: false).text.contains("Filters, set"))
        #expect(form(3, isEmpty: false, ["a", nil, "b"]).text.contains("Filters, 2 set"))
        #expect(!form(3, isEmpty: false, [nil, ""]).text.contains("set"), "a chip is set alone")
        #expect(!form(1).values.contains("filter-fields"))
        func chips(_ count: Int, chosen: Int = 0) -> Outline {
            let chips = FilterChips(
                label: "Which", all: Link("agents"),
                chips: (0..<count).map {
                    .init("Chip \($0)", Link("runs"), isChosen: $0 == chosen)
                })
            return Outline(chips.html.bytes)
        }
        #expect(!chips(4).values.contains("more-chips"))
        #expect(chips(6).values.count { $0 == "more-chips" } == 2)
        #expect(chips(6).text.contains("Chip 2MoreChip 3"))
        #expect(chips(6, chosen: 4).text.contains("Chip 2Chip 4Chip 3"))
    }

    @Test(arguments: [
        (1, 120, "1-50 of 120"), (3, 120, "101-120 of 120"), (2, 1_234, "51-100 of 1\u{202f}234"),
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
