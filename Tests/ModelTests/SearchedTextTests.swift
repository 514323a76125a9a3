import InterlockModel
import Testing

struct SearchedTextTests {
    @Test(arguments: [
        ("refund", "payments.refund", true), ("REFUND", "payments.refund", true),
        ("refund", "Payments.REFUND_all", true), ("refund", "refun", false), ("", "x", true),
        ("", "", true), ("x", "", false), ("aab", "aaab", true), ("ä", "Äpfel", false),
        ("äpf", "äpfel", true), ("[", "{", false), ("@", "`", false),
    ])
    func `a text is found anywhere, with ASCII letters of either case`(
        _ text: String, _ other: String, _ isFound: Bool
    ) {
        #expect(SearchedText(text).isIn(other) == isFound)
    }

    @Test func `a beginning is at the beginning`() {
        #expect(SearchedText("re").begins("Refunds"))
        #expect(!SearchedText("funds").begins("Refunds"))
        #expect(!SearchedText("refunds-eu").begins("refunds"))
    }

    /// Both are one character, and different bytes.
    @Test func `texts that look alike are not one filter`() {
        #expect(SearchedText("\u{e9}") != SearchedText("e\u{301}"))
        #expect(SearchedText("A") != SearchedText("a"))
        #expect(SearchedText("A").text == "A")
    }
}
