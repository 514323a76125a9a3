import InterlockConsoleWorld
import InterlockJSON
import InterlockModel
import Testing

@testable import InterlockAPI
@testable import InterlockApprovals
@testable import InterlockConsole
@testable import InterlockMarkup

/// A call in one line of the inbox.
struct CallSummaryTests {
    private let office = ConsoleOffice()

    private func summary(_ arguments: JSONValue, facts: JSONObject = [:]) throws -> CallSummary {
        CallSummary(try office.request(1, arguments: arguments, facts: facts).review)
    }

    @Test func `a template's quantity and target are the line`() throws {
        let facts: JSONObject = ["target": "order A-1009", "quantity": "42000 EUR cents"]
        let found = try summary(["amount_cents": 42000, "order": "A-1009"], facts: facts)
        #expect(found.text == "42000 EUR cents, order A-1009")
        #expect(try summary(["order": "A"], facts: ["target": "order A"]).text == "order A")
    }

    @Test func `three arguments are the line where no template speaks of it`() throws {
        let three: JSONValue = ["amount": 5, "order": "A-1009", "urgent": true]
        #expect(try summary(three).text == "amount: 5, order: A-1009, urgent: true")
        let five: JSONValue = ["a": 1, "b": ["c": .null], "d": 3, "e": 4, "f": 5]
        #expect(try summary(five).text == #"a: 1, b: {"c":null}, d: 3, and 2 more"#)
        #expect(try summary([:]).text == "")
        #expect(text(try summary([:])).contains("No arguments"))
    }

    @Test func `a long value is cut, and that is seen`() throws {
        let long = String(repeating: "x", count: 5000)
        let found = try summary(.object([long: .string(long)]))
        #expect(found.excerpt.parts.map(\.value) == [long.prefix(60) + "…"])
        #expect(found.excerpt.parts.map(\.name) == [long.prefix(60) + "…"])
        let whole = String(repeating: "x", count: 60)
        #expect(try summary(["a": .string(whole)]).text == "a: \(whole)")
    }

    @Test func `what is invisible in it is visible in both forms`() throws {
        let found = try summary(["to": "pay \u{202e}0001"])
        #expect(found.text.contains("⟦U+202E⟧") && text(found).contains("⟦U+202E⟧"))
        let hostile = Outline(HTML.group(try summary(Hostile.arguments).html).bytes)
        #expect(!hostile.tags.contains { $0.hasPrefix("script") || $0.hasPrefix("img") })
    }

    private func text(_ summary: CallSummary) -> String {
        Outline(HTML.group(summary.html).bytes).text
    }
}
