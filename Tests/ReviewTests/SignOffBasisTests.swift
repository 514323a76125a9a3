import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockReview

/// The reasons why a review cannot be signed (docs/specs/trust-and-review.md, section 9).
@Suite(.requirement("R129", "R130", "R132")) struct SignOffBasisTests {
    private typealias Fixture = ReviewFixture
    private let dana = Reviewer(person: Fixture.dana, pseudonym: Fixture.pseudonym(1))
    private let omar = Reviewer(person: Fixture.omar, pseudonym: Fixture.pseudonym(2))

    /// A review of three records that may be signed.
    private func complete(_ tier: Tier = .medium) -> SignOffBasis {
        SignOffBasis(
            sample: Fixture.sample(of: 9, size: .most(3), records: 0..<3, tier: tier),
            marks: Fixture.marks([Fixture.mark(0), Fixture.mark(1), Fixture.mark(2)]),
            parts: [.scopes, .retire, .drift, .controls],
            controls: ReviewControl.allCases.map { ControlAnswer($0, isInOrder: true) },
            matrixPolicy: Fixture.digest(1), owners: [Fixture.dana],
            approvals: [omar.pseudonym: 2, Fixture.pseudonym(3): 2])
    }

    private func refusals(
        _ progress: SignOffBasis, _ reviewers: [Reviewer]? = nil, policy: UInt64 = 1,
        next: Int64 = 30
    ) -> [ReviewRefusal] {
        progress.refusals(
            reviewers: reviewers ?? [omar], policy: Fixture.digest(policy),
            next: Fixture.time(next), latest: Fixture.time(30))
    }

    @Test func `a complete review may be signed`() {
        #expect(refusals(complete()).isEmpty)
    }

    @Test func `a record without a mark is named`() {
        var progress = complete()
        progress.marks[Fixture.digest(1)] = nil
        progress.marks[Fixture.digest(2)] = nil
        #expect(refusals(progress) == [.unmarked(first: Fixture.digest(1), count: 2)])
    }

    @Test(arguments: SignOffPart.allCases.filter { $0 != .sample })
    func `each part is needed`(_ part: SignOffPart) {
        var progress = complete()
        progress.parts.remove(part)
        #expect(refusals(progress) == [.missing(part)])
    }

    @Test(arguments: ReviewControl.allCases)
    func `each question is answered`(_ control: ReviewControl) {
        var progress = complete()
        progress.controls.removeAll { $0.control == control }
        #expect(refusals(progress) == [.unanswered(control)])
    }

    @Test func `another policy needs another matrix`() {
        let (old, new) = (Fixture.digest(1), Fixture.digest(2))
        #expect(refusals(complete(), policy: 2) == [.policyChanged(matrix: old, now: new)])
        var progress = complete()
        progress.matrixPolicy = nil
        #expect(refusals(progress) == [.policyChanged(matrix: nil, now: old)])
    }

    @Test func `the owner does not review, and neither does who gave most approvals`() {
        #expect(refusals(complete(), [dana]) == [.reviewerIsOwner(Fixture.dana)])
        var progress = complete()
        progress.approvals[omar.pseudonym] = 3
        #expect(refusals(progress) == [.reviewerApproved(Fixture.omar, of: 5)])
        progress.approvals = [omar.pseudonym: 1]
        #expect(refusals(progress) == [.reviewerApproved(Fixture.omar, of: 1)])
    }

    @Test func `tier high needs two people`() {
        var progress = complete(.high)
        progress.owners = []
        #expect(refusals(progress) == [.tooFewReviewers(need: 2)])
        #expect(refusals(progress, [omar, omar]) == [.tooFewReviewers(need: 2)])
        #expect(refusals(progress, [omar, dana]).isEmpty)
        #expect(refusals(complete(), []) == [.tooFewReviewers(need: 1)])
        var risen = complete()
        risen.owners = []
        risen.tier = .high
        #expect(refusals(risen) == [.tooFewReviewers(need: 2)])
        #expect(refusals(risen, [omar, dana]).isEmpty)
    }

    @Test func `each item of drift ends, and a lower tier needs a second person`() {
        var progress = complete()
        progress.owners = []
        let open = DriftItem(.toolChanged, subject: "billing.pay", leaf: Fixture.digest(8))
        progress.drift = [open]
        #expect(refusals(progress) == [.openDrift(open)])
        let lower = DriftItem(
            .toolChanged, subject: "billing.pay", leaf: Fixture.digest(8),
            outcome: .lower(second: Fixture.dana))
        progress.drift = [lower]
        #expect(refusals(progress) == [.lowersAlone(lower)])
        #expect(refusals(progress, [omar, dana]).isEmpty)
        let own = DriftItem(
            .toolChanged, subject: "billing.pay", leaf: Fixture.digest(8),
            outcome: .lower(second: Fixture.omar))
        progress.drift = [own]
        #expect(refusals(progress) == [.lowersAlone(own)])
    }

    @Test func `a finding of a mark has an owner and a date`() throws {
        var progress = complete()
        progress.marks[Fixture.digest(1)] = Fixture.mark(1, .finding(.severe))
        #expect(refusals(progress) == [.findingWithoutOwner(leaf: Fixture.digest(1))])
        let finding = ReviewFinding(
            number: 1, .severe, "twice", owner: Fixture.dana, due: Fixture.time(9),
            leaf: Fixture.digest(1))
        progress.findings = [try #require(finding)]
        #expect(refusals(progress).isEmpty)
    }

    @Test func `an answer that is not in order has a finding about it`() throws {
        var progress = complete()
        progress.controls.removeAll { $0.control == .alerts }
        progress.controls.append(ControlAnswer(.alerts, isInOrder: false))
        #expect(refusals(progress) == [.notInOrder(.alerts)])
        func finding(_ control: ReviewControl?) throws -> ReviewFinding {
            let made = ReviewFinding(
                number: 1, .minor, "five are open", owner: Fixture.dana, due: Fixture.time(9),
                control: control)
            return try #require(made)
        }
        for other: ReviewControl? in [nil, .owner] {
            progress.findings = [try finding(other)]
            #expect(refusals(progress) == [.notInOrder(.alerts)])
        }
        progress.findings = [try finding(.alerts)]
        #expect(refusals(progress).isEmpty)
        // One of an earlier review serves as long as it is open.
        progress.findings = []
        let open = OpenFinding(review: Fixture.id, try finding(.alerts))
        progress.open = [open]
        progress.earlier = [EarlierFinding(open, isMended: false, by: Fixture.omar)]
        #expect(refusals(progress).isEmpty)
        progress.earlier = [EarlierFinding(open, isMended: true, by: Fixture.omar)]
        #expect(refusals(progress) == [.notInOrder(.alerts)])
    }

    @Test func `an earlier finding is mended or still open, by a reviewer who does not own it`()
        throws
    {
        var progress = complete(.high)
        progress.owners = []
        let made = ReviewFinding(
            number: 2, .serious, "stale", owner: Fixture.omar, due: Fixture.time(9))
        let open = OpenFinding(review: Fixture.id, try #require(made))
        progress.open = [open]
        #expect(refusals(progress, [omar, dana]) == [.openFinding(open)])
        func judged(_ isMended: Bool, by person: Person) -> [ReviewRefusal] {
            progress.earlier = [EarlierFinding(open, isMended: isMended, by: person)]
            return refusals(progress, [omar, dana])
        }
        #expect(judged(true, by: Fixture.dana) == [])
        #expect(judged(false, by: Fixture.dana) == [])
        #expect(judged(false, by: Fixture.omar) == [], "its owner may say that it is open")
        #expect(judged(true, by: Fixture.omar) == [.mendedByOwner(open)])
        let stranger = try #require(Person("rui@acme.example"))
        #expect(judged(true, by: stranger) == [.judgedByOther(open, stranger)])
    }

    @Test func `no more findings are open than a sign-off holds`() throws {
        var progress = complete()
        for number in 1...ReviewSignOff.mostFindings {
            let made = ReviewFinding(
                number: number, .minor, "n", owner: Fixture.dana, due: Fixture.time(9))
            let finding = try #require(made)
            progress.findings.append(finding)
        }
        #expect(refusals(progress).isEmpty)
        let open = OpenFinding(review: Fixture.id, progress.findings[0])
        progress.open = [open]
        progress.earlier = [EarlierFinding(open, isMended: false, by: Fixture.omar)]
        #expect(refusals(progress) == [.tooManyFindings(ReviewSignOff.mostFindings + 1)])
        progress.earlier = [EarlierFinding(open, isMended: true, by: Fixture.omar)]
        #expect(refusals(progress).isEmpty)
    }

    @Test func `the next review is not later than the schedule permits`() {
        #expect(refusals(complete(), next: 31) == [.tooLate(latest: Fixture.time(30))])
    }

    @Test func `every refusal has words`() {
        var progress = complete(.high)
        progress.marks = [:]
        progress.parts = []
        progress.controls = []
        progress.drift = [DriftItem(.incident, subject: "i", leaf: Fixture.digest(8))]
        progress.approvals = [dana.pseudonym: 1]
        let all = refusals(progress, [dana], policy: 2, next: 40)
        #expect(all.count == 1 + 4 + ReviewControl.allCases.count + 1 + 5)
        #expect(Set(all.map(\.text)).count == all.count)
    }
}
