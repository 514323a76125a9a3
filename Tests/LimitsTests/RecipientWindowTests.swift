import InterlockLimits
import InterlockModel
import InterlockTesting
import Testing

@Suite struct RecipientWindowTests {
    private let start = Timestamp(microseconds: 1_795_000_000_000_000)
    private let limit = RecipientLimit(path: ["to"], most: PaceRate("3/h").unwrapped).unwrapped

    private func digest(_ number: UInt64) -> Digest { Digest(words: (number, 0, 0, 0)) }

    private func take(
        _ window: inout RecipientWindow, _ recipients: Set<UInt64>, at seconds: Int
    ) throws(LimitExceeded) -> Int {
        let now = start + .seconds(seconds)
        let unstored = try window.take(
            Set(recipients.map(digest)), limit, named: "recipients:crm.send", at: now)
        window.store(unstored, at: now)
        return unstored.count
    }

    @Test func `different ones count, the same ones do not`() throws {
        var window = RecipientWindow()
        #expect(try take(&window, [1], at: 0) == 1)
        #expect(try take(&window, [1], at: 1) == 0, "it is stored already")
        #expect(try take(&window, [2, 3], at: 2) == 2)
        let exceeded = #expect(throws: LimitExceeded.self) { try take(&window, [4], at: 3) }
        #expect(exceeded?.taken == 3 && exceeded?.demand.most == 3)
        #expect(exceeded?.demand.limit == "recipients:crm.send")
        #expect(exceeded?.free == start + .seconds(1 + 3_600), "when the first leaves")
        #expect(try take(&window, [1, 2, 3], at: 4) == 0)
        #expect(window.count(limit, at: start + .seconds(4)) == 3)
    }

    @Test func `all of a call or none`() throws {
        var window = RecipientWindow()
        _ = try take(&window, [1, 2], at: 0)
        #expect(throws: LimitExceeded.self) { try take(&window, [3, 4], at: 1) }
        #expect(window.count(limit, at: start + .seconds(1)) == 2)
        #expect(try take(&window, [3], at: 2) == 1)
        let never = #expect(throws: LimitExceeded.self) { try take(&window, [5, 6, 7, 8], at: 3) }
        #expect(never?.free == nil, "more than the limit in one call")
    }

    @Test func `one counts until its window has passed since it was named last`() throws {
        var window = RecipientWindow()
        _ = try take(&window, [1, 2, 3], at: 0)
        #expect(try take(&window, [1], at: 3_599) == 1, "its stored time is renewed")
        #expect(throws: LimitExceeded.self) { try take(&window, [4], at: 3_599) }
        #expect(try take(&window, [4, 5], at: 3_600) == 2)
        #expect(throws: LimitExceeded.self) { try take(&window, [6], at: 3_601) }
    }

    @Test func `never more in any window than the limit, over random calls`() {
        var random = SeededGenerator(seed: 20_261_125)
        var window = RecipientWindow()
        var named: [(at: Int, recipient: UInt64)] = []
        var seconds = 0
        for _ in 0..<3_000 {
            seconds += Int.random(in: 0...600, using: &random)
            let recipients = Set(
                (0..<Int.random(in: 1...3, using: &random)).map { _ in
                    UInt64.random(in: 1...8, using: &random)
                })
            if (try? take(&window, recipients, at: seconds)) != nil {
                named += recipients.map { (seconds, $0) }
            }
            let inWindow = Set(named.filter { $0.at > seconds - 3_600 }.map(\.recipient))
            #expect(inWindow.count <= 3, "seed 20261125")
            named.removeAll { $0.at <= seconds - 3_600 }
        }
    }

    @Test func `what is restored counts, and what was not stored is stored by the next call`()
        throws
    {
        var window = RecipientWindow()
        window.restore(digest(1), at: start)
        window.restore(digest(1), at: start - .seconds(100))
        #expect(window.count(limit, at: start + .seconds(3_599)) == 1)
        for second in 1...2 {
            let unstored = try window.take(
                [digest(2)], limit, named: "recipients:crm.send", at: start + .seconds(second))
            #expect(unstored == [digest(2)])
        }
        #expect(window.count(limit, at: start + .seconds(3)) == 2)
        #expect(try take(&window, [2], at: 3) == 1 && take(&window, [2], at: 4) == 0)
    }

    @Test func `a limit needs a path and a number within its bounds`() throws {
        #expect(RecipientLimit(path: [], most: PaceRate("3/h").unwrapped) == nil)
        #expect(RecipientLimit(path: ["to"], most: PaceRate("10001/d").unwrapped) == nil)
        #expect(RecipientLimit(path: ["to"], most: PaceRate("10000/d").unwrapped) != nil)
    }
}
