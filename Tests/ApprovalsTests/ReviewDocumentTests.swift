import InterlockApprovals
import InterlockJSON
import InterlockModel
import Testing

@Suite("What is shown") struct ReviewDocumentTests {
    private let office = Office()

    private func nested(_ levels: Int) -> JSONValue {
        (1..<levels).reduce(JSONValue.array([])) { value, _ in .array([value]) }
    }

    private func review(arguments: JSONValue, facts: JSONObject = [:]) throws -> ReviewDocument {
        let old = try office.review().review
        return try ReviewDocument(
            request: old.request, revision: 1, call: try office.call(arguments),
            policy: old.policy, decision: old.decision, facts: .object(facts), template: nil)
    }

    @Test func `is refused when nobody could follow its depth`() throws {
        // The enclosing object counts as a level too.
        let most = ReviewDocument.deepest - 1
        #expect(throws: Never.self) { try review(arguments: ["a": nested(most)]) }
        #expect(throws: FormError.self) { try review(arguments: ["a": nested(most + 1)]) }
        #expect(throws: Never.self) { try review(arguments: [:], facts: ["preview": nested(most)]) }
        #expect(throws: FormError.self) {
            try review(arguments: [:], facts: ["preview": nested(most + 1)])
        }
    }
}
