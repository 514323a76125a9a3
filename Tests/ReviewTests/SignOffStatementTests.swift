import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockReview

private typealias Fixture = ReviewFixture

/// The words that a reviewer reads before signing at the terminal.
@Suite(.requirement("R129", "R133")) struct SignOffStatementTests {
    private func signOff() throws -> ReviewSignOff {
        let ines = try #require(Person("ines@acme.example"))
        let finding = ReviewFinding(
            number: 1, .serious, "refunds above the order's sum", owner: Fixture.dana,
            due: Fixture.time(14), leaf: Fixture.digest(5), control: .alerts)
        let old = ReviewFinding(
            number: 3, .minor, "the queue list is stale", owner: ines, due: Fixture.time(20),
            leaf: Fixture.digest(8), control: .drills)
        let other = try #require(ReviewID("01kag0q9m2c4e6g8j0k2n4p6r9"))
        return Fixture.signOff(
            drift: [
                DriftItem(
                    .newVersion, subject: "billing", leaf: Fixture.digest(7),
                    outcome: .lower(second: ines))
            ],
            controls: [ControlAnswer(.alerts, isInOrder: false)],
            findings: [try #require(finding)],
            earlier: [
                EarlierFinding(
                    OpenFinding(review: other, try #require(old)), isMended: true, by: Fixture.omar)
            ])
    }

    /// The texts and numbers of a document.
    private func values(_ value: JSONValue) -> [String] {
        if let text = value.string { return [text] }
        if let number = value.integer { return [String(number)] }
        if let list = value.array { return list.flatMap(values) }
        return value.object?.members.flatMap { values($0.value) } ?? []
    }

    @Test func `each value of the document is in its words`() throws {
        let signOff = try signOff()
        let shown = signOff.statement.joined(separator: "\n")
        // The kind of the document, and words of it that are put into sentences.
        let said: [ExactText] = ["review", "alerts", "mended"]
        for value in values(signOff.json) where !said.contains(ExactText(value)) {
            #expect(shown.contains(value), "\(value): \(shown)")
        }
        for words in ["not in order: alerts", "mended, says omar@acme.example", "about `alerts`"] {
            #expect(shown.contains(words), "\(words): \(shown)")
        }
    }
}
