import InterlockTesting
import Testing

@testable import InterlockApprovals

/// The titles of facts for those who read a review in a terminal.
@Suite struct FactTitlesTests {
    @Test(arguments: [
        "run_purpose", "on_behalf_of", ReviewDocument.uses, ReviewDocument.taint,
        ReviewDocument.taintLevel, ReviewDocument.taintedBy, ReviewDocument.sideChannel,
    ])
    func `a fact of the gateway has a title in words`(_ name: String) throws {
        let title = try #require(ReviewFacts.title(of: name))
        #expect(title != name && !title.contains("_") && title.first?.isLowercase == true)
    }

    @Test func `a fact of another version has none`() {
        #expect(ReviewFacts.title(of: "later") == nil)
        #expect(ReviewFacts.title(of: "") == nil)
    }
}
