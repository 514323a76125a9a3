import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockReview

/// The statements of reviewers until they sign.
@Suite(.requirement("R129")) struct ReviewStatementTests {
    private typealias Fixture = ReviewFixture

    private func statement() throws -> ReviewStatement {
        var statement = ReviewStatement()
        statement.answer([ControlAnswer(.owner, isInOrder: true)])
        statement.compare(
            policy: Fixture.digest(1), retire: Fixture.digest(2),
            items: ["refunds billing.list", "refunds billing.pay amount"])
        statement.decide(
            DriftItem(.newVersion, subject: "billing", leaf: Fixture.digest(3), outcome: .keep))
        let isAdded = statement.add(
            .serious, "stale", owner: Fixture.dana, due: Fixture.time(14), leaf: nil)
        let isPlanned = statement.plan(next: Fixture.time(31), others: [Fixture.omar])
        #expect(isAdded && isPlanned)
        return statement
    }

    @Test func `it is read back as it was written`() throws {
        let written = try statement()
        #expect(try ReviewStatement(parsing: written.canonical()) == written)
        #expect(try ReviewStatement(parsing: ReviewStatement().canonical()) == ReviewStatement())
    }

    @Test func `a file of another form is refused`() throws {
        let bad = [
            "", "[]", "{}", #"{"v":2}"#,
            #"{"controls":[],"decisions":[],"drift":[],"findings":[],"others":[],"v":1,"x":1}"#,
            #"{"controls":[{"control":"luck","ok":true}],"decisions":[],"drift":[],"findings":[],"others":[],"v":1}"#,
            #"{"controls":[],"decisions":[],"drift":[],"findings":[],"others":["x"],"v":1}"#,
        ]
        for text in bad {
            #expect(throws: FormError.self, "\(text)") {
                try ReviewStatement(parsing: Array(text.utf8))
            }
        }
    }

    @Test func `a declined item stays declined when the scopes are compared again`() throws {
        var statement = try statement()
        let isDeclined = statement.decide("refunds billing.list", declined: "the sale begins")
        let isUnknown = statement.decide("refunds billing.other", declined: nil)
        let isEmpty = statement.decide("refunds billing.list", declined: "")
        #expect(isDeclined && !isUnknown && !isEmpty)
        statement.compare(
            policy: Fixture.digest(4), retire: nil, items: ["refunds billing.list", "a b.c"])
        #expect(statement.decisions.map(\.declined) == ["the sale begins", nil])
        #expect(statement.policy == Fixture.digest(4) && statement.retire == nil)
    }

    @Test func `the last item says how many more there are`() throws {
        let most = ReviewSignOff.mostItems
        func drift(_ count: Int) -> [DriftItem] {
            DriftItem.bounded(
                (0..<count).map {
                    DriftItem(.incident, subject: "i\($0)", leaf: Fixture.digest(UInt64($0)))
                })
        }
        #expect(drift(most).map(\.subject).last == "i\(most - 1)")
        let bounded = drift(most + 51)
        #expect(bounded.count == most && bounded[most - 2].subject == "i\(most - 2)")
        #expect(bounded[most - 1].subject == "52 further items, from this record on")
        #expect(bounded[most - 1].leaf == Fixture.digest(UInt64(most - 1)))
        var statement = ReviewStatement()
        statement.compare(
            policy: Fixture.digest(1), retire: nil, items: (0..<most).map { "a b.c\($0)" })
        #expect(statement.decisions.map(\.item).last == "a b.c\(most - 1)")
        statement.compare(
            policy: Fixture.digest(1), retire: nil, items: (0...most).map { "a b.c\($0)" })
        #expect(statement.decisions.count == most)
        #expect(statement.decisions.map(\.item).last == "2 further items of the proposal")
        #expect(try ReviewStatement(parsing: statement.canonical()) == statement)
    }

    @Test func `an outcome takes the place of the earlier one`() throws {
        var statement = try statement()
        let item = DriftItem(.newVersion, subject: "billing", leaf: Fixture.digest(3))
        statement.decide(item)
        #expect(statement.drift.map { $0.outcome } == [.keep], "without an outcome nothing changes")
        statement.decide(
            DriftItem(.newVersion, subject: "billing", leaf: Fixture.digest(3), outcome: .raise))
        #expect(statement.drift.map { $0.outcome } == [.raise])
    }

    @Test func `findings are numbered without a gap, and are not more than a sign-off has`() throws
    {
        var statement = ReviewStatement()
        for number in 0..<ReviewSignOff.mostFindings {
            let isAdded = statement.add(
                .minor, "finding \(number)", owner: Fixture.dana, due: Fixture.time(14), leaf: nil)
            #expect(isAdded)
        }
        let isOver = statement.add(
            .minor, "more", owner: Fixture.dana, due: Fixture.time(14), leaf: nil)
        #expect(!isOver)
        statement.removeFinding(2)
        #expect(statement.findings.map(\.number) == Array(1..<ReviewSignOff.mostFindings))
        #expect(statement.findings[1].text == "finding 2")
    }

    @Test func `the outcome of an earlier finding takes the place of the one before`() throws {
        var statement = try statement()
        for isMended in [true, false] {
            let isTaken = statement.decide(
                FindingOutcome(
                    review: Fixture.id, number: 2, isMended: isMended, by: Fixture.omar))
            #expect(isTaken)
        }
        #expect(statement.earlier.map(\.isMended) == [false])
        #expect(try ReviewStatement(parsing: statement.canonical()) == statement)
        let stated = statement.stated(by: Fixture.omar, next: Fixture.time(40))
        #expect(stated["earlier"]?.array?.count == 1)
    }

    @Test func `the parts count as done once the scopes were compared`() throws {
        let stated = try statement().stated(by: Fixture.dana, next: Fixture.time(40))
        #expect(stated["parts"]?.array?.count == 4)
        #expect(stated["next"] == .string(Fixture.time(31).rfc3339(fractionDigits: 0)))
        #expect(stated["reviewers"]?.array?.count == 2)
        let empty = ReviewStatement().stated(by: Fixture.dana, next: Fixture.time(40))
        #expect(empty["parts"]?.array?.count == 2 && empty["policy"] == nil)
        #expect(empty["next"] == .string(Fixture.time(40).rfc3339(fractionDigits: 0)))
    }
}
