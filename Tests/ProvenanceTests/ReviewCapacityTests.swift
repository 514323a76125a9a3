import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockProvenance

/// The figures about reviewers, computed from what merge checks stated.
@Suite(.requirement("R146")) struct `Review of changes by agents` {
    static let sam = Pseudonym(text: "AAAAAAAAAAAAAAAAAAAAAA==")
    static let kim = Pseudonym(text: "AQAAAAAAAAAAAAAAAAAAAA==")
    /// 2026-11-27, a Friday.
    static let start = Timestamp(rfc3339: "2026-11-27T10:00:00Z").unwrapped
    static let hour = Duration.seconds(3600)

    static func id(_ number: Int, in repository: String = "acme/shop") -> ChangeID {
        ChangeID(repository: repository, number: "\(number)").unwrapped
    }

    static func commit(_ number: Int) -> GitObjectID {
        let text = String(number)
        return GitObjectID(String(repeating: "0", count: 40 - text.count) + text).unwrapped
    }

    static func review(
        by person: Pseudonym, _ verdict: MergeReview.Review.State = .approved, at: Duration?,
        began: Duration? = nil, comments: Int? = 0
    ) -> CheckedChange<Pseudonym>.Review {
        CheckedChange<Pseudonym>.Review(
            by: person, verdict: verdict, at: at.map { start + $0 },
            began: began.map { start + $0 }, comments: comments)
    }

    static func change(
        _ number: Int, in repository: String = "acme/shop", _ state: ChangeState = .open,
        opened: Duration = .zero, ended: Duration? = nil, isAssisted: Bool = true,
        lines: Int = 100, words: Int? = 600, merger: Pseudonym? = sam,
        reviews: [CheckedChange<Pseudonym>.Review] = [], reverted: [GitObjectID] = []
    ) -> CheckedChange<Pseudonym> {
        CheckedChange<Pseudonym>(
            id: id(number, in: repository), state: state, opened: start + opened,
            ended: ended.map { start + $0 }, isAssisted: isAssisted, lines: lines, words: words,
            merger: merger, reviews: reviews, commits: [commit(number)], reverted: reverted)
    }

    static func changes(
        _ list: [CheckedChange<Pseudonym>], at: Duration = .zero
    ) -> ReviewedChanges {
        var changes = ReviewedChanges()
        for change in list { changes.add(change, at: start + at) }
        return changes
    }

    static func report(
        _ changes: ReviewedChanges, days: Int64 = 1,
        limit: MergeRules.Limit = ReviewCapacity.defaultLimit
    ) -> ReviewCapacity {
        ReviewCapacity(
            changes, from: start - hour, to: start + .seconds(days * 86_400), limit: limit)
    }

    private func row(
        _ list: [CheckedChange<Pseudonym>], of person: Pseudonym? = nil
    ) throws -> ReviewCapacity.Row {
        let wanted = person ?? Self.sam
        return try #require(Self.report(Self.changes(list)).rows.first { $0.person == wanted })
    }

    @Test func `changes are counted where they are opened, reviewed and merged`() throws {
        let approved = Self.review(by: Self.kim, at: Self.hour)
        let list = [
            Self.change(1, lines: 10),
            Self.change(2, .merged, ended: Self.hour * 2, lines: 20, reviews: [approved]),
            Self.change(3, .closed, ended: Self.hour, lines: 40),
            Self.change(4, isAssisted: false, lines: 80, reviews: [approved]),
            Self.change(5, in: "acme/tools", lines: 160),
        ]
        let rows = Self.report(Self.changes(list)).rows
        #expect(rows.map(\.repository.text) == ["acme/shop", "acme/shop", "acme/tools"])
        let own = try row(list)
        #expect(own.opened == ChangeAmount(changes: 3, lines: 70))
        #expect(own.merged == ChangeAmount(changes: 1, lines: 20))
        #expect(own.open == ChangeAmount(changes: 1, lines: 10))
        #expect(own.reviewed == .none && own.approvals == 0)
        let other = try row(list, of: Self.kim)
        #expect(other.reviewed == ChangeAmount(changes: 1, lines: 20))
        #expect(other.opened == .none && other.merged == .none)
    }

    @Test func `what lies outside the period is not counted`() throws {
        let before = Duration.seconds(-30 * 3600)
        let list = [
            Self.change(
                1, .merged, opened: before, ended: before + Self.hour,
                reviews: [Self.review(by: Self.kim, at: before + Self.hour)]),
            Self.change(2, opened: before),
        ]
        let rows = Self.report(Self.changes(list)).rows
        #expect(rows.map(\.person) == [Self.sam])
        #expect(rows.first?.opened == ChangeAmount.none)
        // It is open at the end of the period, whenever it was opened.
        #expect(rows.first?.open.changes == 1)
    }

    @Test func `waiting is from the opening to the first decision, by nearest rank`() throws {
        let list = (1...10).map { number in
            Self.change(
                number,
                reviews: [
                    Self.review(by: Self.kim, .commented, at: .seconds(1)),
                    Self.review(by: Self.kim, .changesRequested, at: Self.hour * number),
                    Self.review(by: Self.kim, at: Self.hour * number + .seconds(60)),
                ])
        }
        let found = try row(list, of: Self.kim)
        #expect(found.waiting.count == 10)
        #expect(found.waiting.median == Self.hour * 5)
        #expect(found.waiting.ninetieth == Self.hour * 9)
        #expect(DurationSpread([]).median == nil)
        #expect(DurationSpread([.seconds(3)]).ninetieth == .seconds(3))
    }

    @Test func `reading is what the platform measured, else the most that it can be`() throws {
        let measured = Self.change(
            1, lines: 200,
            reviews: [Self.review(by: Self.kim, at: Self.hour, began: Self.hour - .seconds(30))])
        let found = try row([measured], of: Self.kim)
        #expect(found.dwell.median == .seconds(15) && found.measured == 1)
        // 600 words take a minute.
        #expect(found.timed == 1 && found.hasty == 1)
        // The second of two approvals in a row can have taken 20 seconds; of the first nothing is known to be short.
        let list = [
            Self.change(1, reviews: [Self.review(by: Self.kim, at: Self.hour)]),
            Self.change(2, reviews: [Self.review(by: Self.kim, at: Self.hour + .seconds(20))]),
        ]
        let bounded = try row(list, of: Self.kim)
        #expect(bounded.timed == 2 && bounded.hasty == 1 && bounded.measured == 0)
        // Two reviews of one change are one reading.
        let twice = Self.change(
            1,
            reviews: [
                Self.review(by: Self.kim, .commented, at: Self.hour),
                Self.review(by: Self.kim, at: Self.hour + .seconds(1)),
            ])
        #expect(try row([twice], of: Self.kim).hasty == 0)
    }

    @Test(arguments: [(0, 2), (19, 2), (20, 2), (30, 3), (600, 60)])
    func `the floor is a second for ten words, at least two`(words: Int, seconds: Int) throws {
        for (dwell, isHasty) in [(seconds - 1, true), (seconds, false)] {
            let change = Self.change(
                1, words: words,
                reviews: [
                    Self.review(
                        by: Self.kim, at: Self.hour, began: Self.hour - .seconds(dwell))
                ])
            #expect(try row([change], of: Self.kim).hasty == (isHasty ? 1 : 0))
        }
    }

    @Test(arguments: [(30_000, true), (29_999, false)])
    func `without a number of words each line has one`(lines: Int, isHasty: Bool) throws {
        let change = Self.change(
            1, lines: lines, words: nil,
            reviews: [
                Self.review(
                    by: Self.kim, at: Self.hour, began: Self.hour - .milliseconds(2_999_900))
            ])
        let found = try row([change], of: Self.kim)
        #expect(found.timed == 1 && found.hasty == (isHasty ? 1 : 0))
    }

    @Test func `what has no time is not taken for slow or hasty`() throws {
        let untimed = Self.change(1, reviews: [Self.review(by: Self.kim, at: nil)])
        let early = Self.change(
            3, opened: Self.hour, reviews: [Self.review(by: Self.kim, at: .zero)])
        let found = try row([untimed, early], of: Self.kim)
        #expect(found.approvals == 2 && found.timed == 0 && found.hasty == 0)
    }

    @Test func `decisions are counted by the hour of the day`() throws {
        let list = [
            Self.change(1, reviews: [Self.review(by: Self.kim, at: Self.hour)]),
            Self.change(2, reviews: [Self.review(by: Self.kim, at: Self.hour + .seconds(60))]),
            Self.change(
                3, reviews: [Self.review(by: Self.kim, .changesRequested, at: Self.hour * 13)]),
            Self.change(
                4, reviews: [Self.review(by: Self.kim, .commented, at: Self.hour * 13)]),
        ]
        let found = try row(list, of: Self.kim)
        #expect(found.hours[11] == 2 && found.hours[23] == 1 && found.hours.reduce(0, +) == 3)
        #expect(found.busiest == 2)
    }

    @Test func `a change approved without a comment is counted, once`() throws {
        let list = [
            Self.change(
                1,
                reviews: [
                    Self.review(by: Self.kim, at: Self.hour),
                    Self.review(by: Self.kim, at: Self.hour * 2),
                ]),
            Self.change(
                2,
                reviews: [
                    Self.review(by: Self.kim, .commented, at: Self.hour, comments: 1),
                    Self.review(by: Self.kim, at: Self.hour * 2),
                ]),
            Self.change(3, reviews: [Self.review(by: Self.kim, at: Self.hour, comments: nil)]),
        ]
        let found = try row(list, of: Self.kim)
        #expect(found.uncommented == 1 && found.uncounted == 1)
    }

    @Test func `a change that came back is counted for those who reviewed or merged it`() throws {
        let approved = Self.review(by: Self.kim, at: Self.hour)
        var changes = Self.changes([
            Self.change(1, .merged, ended: Self.hour, reviews: [approved]),
            Self.change(2, .merged, ended: Self.hour, reviews: [approved]),
        ])
        changes.add(Self.change(1, reviews: [approved]), at: Self.start + Self.hour * 2)
        // A revert counts once it is merged, also by a person alone.
        let revert = Self.change(
            3, .open, isAssisted: false, merger: nil, reverted: [Self.commit(2)])
        changes.add(revert, at: Self.start + Self.hour)
        #expect(Self.report(changes).rows.allSatisfy { $0.reverted == 0 })
        changes.add(
            Self.change(
                3, .merged, ended: Self.hour * 3, isAssisted: false, merger: nil,
                reverted: [Self.commit(2)]), at: Self.start + Self.hour * 3)
        let rows = Self.report(changes).rows
        #expect(rows.map(\.person) == [Self.sam, Self.kim])
        #expect(rows.map(\.reverted) == [1, 1])
        // The one that is open again is merged no more, so it counts for its reviewer.
        #expect(rows.map(\.reopened) == [0, 1])
    }

    @Test func `a check adds to what earlier ones saw`() throws {
        let approved = Self.review(by: Self.kim, at: Self.hour, comments: nil)
        var changes = Self.changes([Self.change(1, lines: 10, reviews: [approved])])
        changes.add(
            Self.change(
                1, lines: 30,
                reviews: [Self.review(by: Self.kim, at: Self.hour, comments: 2)]),
            at: Self.start + Self.hour)
        // A review that the platform does not list any more stays.
        changes.add(Self.change(1, isAssisted: false, lines: 30), at: Self.start + Self.hour)
        let found = try #require(changes.changes[Self.id(1)])
        #expect(found.reviews.count == 1 && found.reviews.first?.comments == 2)
        #expect(found.reviews.first?.lines == 10 && found.lines == 30 && found.isAssisted)
    }

    @Test func `the limit is for a person, over all repositories`() throws {
        let list = (1...6).map { number in
            Self.change(
                number, in: number < 4 ? "acme/shop" : "acme/tools", opened: .seconds(number))
        }
        let rows = Self.report(Self.changes(list)).rows
        #expect(rows.map(\.isOverLimit) == [true, true])
        #expect(rows.map(\.queued) == [0, 1])
        #expect(
            rows.first?.findings == [.overLimit(open: ChangeAmount(changes: 6, lines: 600))])
        let wide = MergeRules.Limit(changes: nil, lines: nil, isRefusal: true)
        #expect(Self.report(Self.changes(list), limit: wide).rows.allSatisfy { !$0.isOverLimit })
        let narrow = MergeRules.Limit(changes: nil, lines: 150, isRefusal: true)
        #expect(Self.report(Self.changes(list), limit: narrow).rows.map(\.queued) == [2, 3])
    }

    @Test func `changes queue in the order in which they were opened`() {
        let list = (1...4).map { Self.change($0, opened: .seconds($0 / 2)) }
        let changes = Self.changes(list + [Self.change(9, isAssisted: false)])
        let earlier = (1...4).map { number in
            changes.open(
                for: Self.sam, before: Self.id(number),
                opened: Self.start + .seconds(number / 2)
            ).changes
        }
        #expect(earlier == [0, 1, 2, 3])
        // A change that no check has seen waits behind all of them.
        #expect(
            changes.open(for: Self.sam, before: Self.id(5), opened: Self.start + Self.hour)
                == ChangeAmount(changes: 4, lines: 400))
        #expect(
            changes.open(for: Self.kim, before: Self.id(5), opened: Self.start + Self.hour)
                == .none)
    }
}
