import InterlockJSON
import InterlockMarkup
import InterlockModel
import InterlockReview
import InterlockTesting
import Testing

@testable import InterlockConsole

/// The words that a reviewer reads on a page before signing.
@Suite(.requirement("R129", "R133")) struct SignOffViewTests {
    private static func digest(_ number: UInt64) -> Digest { Digest(words: (number, 9, 9, 9)) }

    private static func finding(
        _ number: Int, _ text: String, _ leaf: UInt64, _ control: ReviewControl
    ) -> ReviewFinding {
        ReviewFinding(
            number: number, .severe, text, owner: Person("dana@acme.example").unwrapped,
            due: ReviewPagesTests.Stub.due + .seconds(86_400), leaf: digest(leaf), control: control
        ).unwrapped
    }

    private static let earlier = ReviewID(
        milliseconds: 1_794_000_000_000, random: [UInt8](repeating: 5, count: 10))

    private static let signOff = ReviewSignOff(
        org: "acme", review: ReviewPagesTests.Stub.id, scope: .agent(ReviewPagesTests.Stub.clerk),
        period: ReviewPeriod(
            from: ReviewPagesTests.Stub.due - .seconds(86_400), to: ReviewPagesTests.Stub.due
        ).unwrapped, reviewers: [Person("ines@acme.example").unwrapped],
        date: ReviewPagesTests.Stub.due + .seconds(7),
        next: ReviewPagesTests.Stub.due + .seconds(7 * 86_400), policy: digest(1),
        sample: digest(2), marks: digest(3), retire: digest(4),
        decisions: [RetireDecision(item: "clerk desk.note", declined: "the sale begins")],
        drift: [
            DriftItem(.newVersion, subject: "billing", leaf: digest(5), outcome: .keep)
        ], controls: [ControlAnswer(.owner, isInOrder: true)],
        findings: [finding(1, "stale queue", 6, .alerts)],
        earlier: [
            EarlierFinding(
                OpenFinding(review: earlier, finding(7, "old drill", 8, .drills)),
                isMended: false, by: Person("rui@acme.example").unwrapped)
        ], warnings: ["31 records were marked in less than 2 s each"])

    @Test func `each value of the document is shown to the next signer`() throws {
        let signOff = Self.signOff
        let members = try #require(signOff.json.object).members.map(\.key).sorted()
        #expect(
            members == [
                "controls", "date", "decisions", "drift", "earlier", "findings", "from", "marks",
                "next", "org", "policy", "retire", "review", "reviewers", "sample", "scope", "to",
                "type", "v", "warnings",
            ], "a new member is shown, too")
        let page = String(
            decoding: HTML.group(SignOffView(signOff: signOff).content).bytes, as: UTF8.self)
        for number in UInt64(1)...6 {
            #expect(page.contains(Self.digest(number).prefixed), "digest \(number)")
        }
        for words in [
            "acme", signOff.review.text, "agent:", Self.earlier.text, Self.digest(8).prefixed,
            "stale queue", ReviewControl.alerts.text, "old drill", ReviewControl.drills.text,
            "still open", "clerk desk.note", "the sale begins", "billing", "stay", "ines@", "dana@",
            "rui@", "31 records",
            ReviewControl.owner.question, "1 declined",
        ] {
            #expect(page.contains(words), "\(words): \(page)")
        }
        #expect(page.ranges(of: ">1</td>").count == 2, "the severity of each finding: \(page)")
    }
}
