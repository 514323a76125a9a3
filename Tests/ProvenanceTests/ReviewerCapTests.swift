import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockProvenance

private typealias Figures = `Review of changes by agents`

/// The cap on reviewers who approve faster than one can read, for a week.
@Suite(.requirement("R146")) struct `Capped reviewers` {
    private static let day = Duration.seconds(86_400)
    private static let today = Figures.start.day

    /// One approval in each of the changes, `apart` from the one before, `days` after the first day.
    private func approvals(
        _ numbers: ClosedRange<Int>, days: Int, apart: Duration = .seconds(5)
    ) -> [CheckedChange<Pseudonym>] {
        numbers.map { number in
            let at = Self.day * days + apart * (number - numbers.lowerBound + 1)
            return Figures.change(
                number, opened: Self.day * -20,
                reviews: [Figures.review(by: Figures.kim, at: at)])
        }
    }

    private func cap(_ list: [CheckedChange<Pseudonym>]) -> ReviewerCap {
        let samples = TimedReview.byPerson(Figures.changes(list).assisted)
        return ReviewerCap(samples[Figures.kim] ?? [])
    }

    private func day(_ number: Int64) -> CivilDate {
        CivilDate(daysSince1970: Self.today.daysSince1970 + number)
    }

    @Test func `a week of haste caps the days after it, and no longer`() {
        // The first of 6 approvals in a row may have taken long; 5 are hasty.
        let hasty = cap(approvals(1...6, days: 0))
        #expect(!hasty.isCapped(on: day(0)))
        #expect((1...7).allSatisfy { hasty.isCapped(on: day($0)) })
        #expect(!hasty.isCapped(on: day(8)))
        #expect(!cap(approvals(1...5, days: 0)).isCapped(on: day(1)))
        #expect(!cap(approvals(1...6, days: 0, apart: .seconds(60))).isCapped(on: day(1)))
    }

    @Test func `changes whose words are too many to count are no way around the cap`() {
        let large = approvals(1...6, days: 0).map { change in
            CheckedChange<Pseudonym>(
                id: change.id, state: change.state, opened: change.opened, ended: nil,
                isAssisted: true, lines: 300_000, words: nil, merger: change.merger,
                reviews: change.reviews, commits: [], reverted: [])
        }
        #expect(cap(large).isCapped(on: day(1)))
    }

    @Test func `half of the approvals is not enough`() {
        let hasty = approvals(1...6, days: 0)
        let slow = approvals(11...14, days: 1, apart: .seconds(600))
        #expect(cap(hasty + slow).isCapped(on: day(2)) == false)
        #expect(cap(hasty + slow.dropLast()).isCapped(on: day(2)))
    }

    @Test func `on a capped day the approvals of ten changes count, by their own time`() throws {
        let list = approvals(1...6, days: 0) + approvals(21...32, days: 1)
        let cap = cap(list)
        let tenth = Figures.start + Self.day + .seconds(50)
        for number in [31, 32, 40] {
            let window = try #require(cap.window(on: day(1), for: Figures.id(number)))
            #expect(window.from == tenth && window.until == day(1).end)
            #expect(window.contains(Figures.start + Self.day + .seconds(55)))
            // An eleventh change that is approved in the second of the tenth does not count.
            #expect(window.contains(tenth) && !window.contains(tenth - Duration.seconds(1)))
            #expect(!window.contains(window.until))
        }
        // The first ten stay approved, also if they are checked again.
        for number in 21...30 { #expect(cap.window(on: day(1), for: Figures.id(number)) == nil) }
        #expect(cap.window(on: day(2), for: nil) == nil)
        #expect(cap.window(on: day(0), for: nil) == nil)
    }

    @Test func `changes of people alone are not counted`() {
        let list = approvals(1...9, days: 0).map { change in
            CheckedChange<Pseudonym>(
                id: change.id, state: change.state, opened: change.opened, ended: nil,
                isAssisted: false, lines: change.lines, words: change.words,
                merger: change.merger, reviews: change.reviews, commits: [], reverted: [])
        }
        #expect(!cap(list).isCapped(on: day(1)))
    }

    @Test func `the report says who is capped`() {
        let changes = Figures.changes(approvals(1...6, days: 0))
        let rows = Figures.report(changes, days: 2).rows
        #expect(rows.first { $0.person == Figures.kim }?.findings == [.capped])
        #expect(rows.first { $0.person == Figures.sam }?.findings.contains(.capped) == false)
    }
}

/// The parts of a patch and of a message that are counted.
@Suite(.requirement("R146")) struct `Words of a change` {
    private func words(_ patch: String) throws(GitDiffError) -> Int {
        try ChangedWordCount.count(Array(patch.utf8))
    }

    @Test func `words of added and removed lines are counted`() throws {
        let patch = """
            diff --git a/a.c b/a.c
            --- a/a.c
            +++ b/a.c
            @@ -1 +1,2 @@ int not_counted
            -int main;
            +int main(void);
            +\treturn  0;
            \\ No newline at end of file
            @@ -9,0 +11 @@
            +++ @@ -1,7 +1,7 @@
            diff --git a/x.bin b/x.bin
            Binary files a/x.bin and b/x.bin differ

            """
        #expect(try words(patch) == 2 + 2 + 2 + 5)
        #expect(try words("") == 0)
    }

    @Test(arguments: [
        "@@ -1,2 +1 @@\n-one\n", "@@ -1 +1 @@\n one\n", "@@ -1\n", "@@ -x +1 @@\n",
        "@@ -1,99999999999 +1 @@\n",
    ])
    func `a patch that is not of its form is not counted`(_ patch: String) {
        #expect(throws: GitDiffError.self) { _ = try words(patch) }
    }

    @Test func `a message names the commits that it reverts`() {
        let (a, b) = (String(repeating: "5", count: 40), String(repeating: "6", count: 40))
        let message =
            "Revert x\n\nThis reverts commit \(a).\nThis reverts commit \(a).\n"
            + "This reverts commit \(b), reversing\nThis reverts commit 55.\n"
            + " This reverts commit \(a)\n"
        #expect(RevertedCommits.named(in: Array(message.utf8)).map(\.text) == [a, b])
    }
}
