import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockEvidencePack

/// The words of signed reviews about the controls of a pack (docs/evidence.md, "A control").
@Suite(.requirement("R129", "R134")) struct PeriodReviewsTests {
    private static let first = "01kaf2c0q3x2m7c8d3e5f6g7h8"
    private static let second = "01kaf2c0q3x2m7c8d3e5f6g7h9"

    private func finding(
        _ number: Int64, outcome: String? = nil, control: String? = nil
    ) -> JSONValue {
        var object: JSONObject = [
            "due": "2026-12-12T00:00:00Z", "number": .integer(number),
            "owner": "dana@acme.example", "severity": 2, "text": "Two alerts of May are open.",
        ]
        if let outcome {
            object["outcome"] = .string(outcome)
            object["review"] = .string(Self.first)
            object["by"] = "sam@acme.example"
        }
        object["control"] = control.map { .string($0) }
        return .object(object)
    }

    private func review(
        _ id: String = first, scope: String = "agent:refunds", notInOrder: [String] = [],
        findings: [JSONValue] = [], earlier: [JSONValue] = []
    ) throws -> ReviewSummary {
        let answers = ["owner", "alerts", "drills"].map { name -> JSONValue in
            ["control": .string(name), "ok": .bool(!notInOrder.contains(name))]
        }
        let payload: JSONValue = [
            "controls": .array(answers), "earlier": .array(earlier), "findings": .array(findings),
            "review": .string(id), "reviewers": ["ada@acme.example", "sam@acme.example"],
            "scope": .string(scope), "type": "review", "v": 1,
        ]
        return try #require(ReviewSummary(payload: payload, signed: EvidenceFixture.to))
    }

    private func reviews(_ all: ReviewSummary...) -> PeriodReviews {
        var reviews = PeriodReviews()
        for one in all { reviews.add(one) }
        return reviews
    }

    @Test func `a control names the reviews that asked about it, and all who signed`() throws {
        let found = reviews(try review(), try review(Self.second))
        let alerts = try #require(found.reviewer(of: .c21))
        #expect(alerts.review == Self.second && alerts.earlier == [Self.first])
        #expect(alerts.who == "ada@acme.example, sam@acme.example")
        #expect(alerts.scope == "agent:refunds")
        for id in ControlID.allCases {
            let isAsked = [.c01, .c02, .c08, .c19, .c21].contains(id)
            #expect((found.reviewer(of: id) != nil) == isAsked, "\(id)")
        }
        #expect(PeriodReviews().reviewer(of: .c19) == nil)
    }

    @Test func `an answer that is not in order is a gap until a later review of its scope`() throws
    {
        let bad = try review(notInOrder: ["alerts"])
        let gaps = reviews(bad).gaps(of: .c21, hasNames: true)
        #expect(gaps.count == 1 && gaps[0].text.contains("`alerts` was answered `not in order`"))
        #expect(reviews(bad).gaps(of: .c08, hasNames: true).isEmpty)
        let other = try review(Self.second, scope: "org")
        #expect(reviews(bad, other).gaps(of: .c21, hasNames: true).count == 1)
        let later = try review(Self.second)
        #expect(reviews(bad, later).gaps(of: .c21, hasNames: true).isEmpty)
    }

    @Test func `a finding is a gap with owner and last day until it is mended`() throws {
        let found = try review(findings: [finding(1), finding(2, control: "alerts")])
        let gap = try #require(reviews(found).gaps(of: .c19, hasNames: true).first)
        #expect(gap.owner == Person("dana@acme.example") && gap.due == CivilDate("2026-12-11"))
        #expect(gap.text.hasSuffix("severity 2: Two alerts of May are open."))
        #expect(reviews(found).gaps(of: .c21, hasNames: true).count == 1)
        // A later review that says nothing of it mends nothing.
        let silent = try review(Self.second)
        #expect(reviews(found, silent).gaps(of: .c19, hasNames: true).count == 1)
        let still = try review(Self.second, earlier: [finding(1, outcome: "open")])
        #expect(reviews(found, still).gaps(of: .c19, hasNames: true).count == 1)
        let mended = try review(Self.second, earlier: [finding(1, outcome: "mended")])
        #expect(reviews(found, mended).gaps(of: .c19, hasNames: true).isEmpty)
        #expect(reviews(found, mended).gaps(of: .c21, hasNames: true).count == 1)
        // A finding of before the period is known from the review that calls it open.
        #expect(reviews(still).gaps(of: .c19, hasNames: true).count == 1)
    }

    @Test func `a finding of before the period is open until a review of the period mends it`()
        throws
    {
        var found = PeriodReviews()
        #expect(found.add(earlier: try review(findings: [finding(1, control: "alerts")])))
        #expect(!found.add(earlier: try review(Self.second, notInOrder: ["drills"])))
        #expect(found.gaps(of: .c21, hasNames: true).count == 1)
        #expect(found.gaps(of: .c08, hasNames: true).isEmpty, "answers are of the period alone")
        #expect(found.reviews.isEmpty && found.reviewer(of: .c21) == nil)
        found.add(try review(Self.second, earlier: [finding(1, outcome: "mended")]))
        #expect(found.gaps(of: .c21, hasNames: true).isEmpty)
        #expect(found.reviewer(of: .c21)?.review == Self.second)
    }

    @Test func `of many reviews the newest of each scope alone says what is not in order`() throws {
        var found = PeriodReviews()
        for number in 0..<5_000 {
            found.add(
                try review("r\(number)", scope: "agent:a\(number % 50)", notInOrder: ["alerts"]))
        }
        let gaps = found.gaps(of: .c21, hasNames: true)
        #expect(gaps.count == 50 && gaps.first?.text.contains("r4950") == true)
    }

    @Test func `without names a finding has neither owner nor words`() throws {
        let found = try review(findings: [finding(1)])
        let gap = try #require(reviews(found).gaps(of: .c19, hasNames: false).first)
        #expect(gap.owner == nil && gap.text.hasSuffix("severity 2."))
    }

    @Test func `a payload of another form is no review`() {
        let payloads: [JSONValue] = [
            .null, [:], ["review": "r", "scope": "org"],
            ["review": "r", "scope": "org", "reviewers": []],
            ["review": "r", "reviewers": ["ada@acme.example"]],
        ]
        for payload in payloads {
            #expect(ReviewSummary(payload: payload, signed: EvidenceFixture.to) == nil)
        }
    }
}
