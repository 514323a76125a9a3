import InterlockJSON
import InterlockMCP
import Testing

@Suite struct `Subscriptions at a legacy server` {
    private var tries = SubscriptionTries(firstPause: .seconds(1))
    private var now = Duration.zero

    /// The subscriptions that are requested now, in order.
    private mutating func asked(_ wanted: Set<ExactText>, failing: Set<ExactText> = []) -> [String]
    {
        var asked: [String] = []
        while let uri = tries.next(of: wanted, at: now) {
            asked.append(uri)
            if failing.contains(uri) { tries.fails(uri, at: now) } else { tries.stands() }
        }
        return asked
    }

    @Test mutating func `are asked for once, and their end too`() {
        #expect(asked(["a", "b"]) == ["a", "b"])
        #expect(asked(["a", "b", "c"]) == ["c"])
        #expect(tries.over(["b"]) == ["a", "c"])
        tries.forget("a")
        #expect(tries.over(["b"]) == ["c"])
        #expect(asked(["a", "b"]) == ["a"])
        #expect(tries.pauseLeft(at: now) == nil)
    }

    @Test mutating func `that fail are asked for again, each time later, up to a minute`() {
        #expect(asked(["a", "b"], failing: ["a"]) == ["a", "b"])
        for pause in [1, 2, 4, 8, 16, 32, 60, 60] {
            #expect(asked(["a", "b"]).isEmpty)
            #expect(tries.pauseLeft(at: now) == .seconds(pause))
            now = now + .seconds(pause)
            #expect(asked(["a", "b"], failing: ["a"]) == ["a"], "after \(pause) s")
        }
        now = now + .seconds(60)
        #expect(asked(["a", "b"]) == ["a"])
        #expect(asked(["a", "b", "c"], failing: ["c"]) == ["c"])
        #expect(tries.pauseLeft(at: now) == .seconds(1), "all stood in between")
    }

    @Test mutating func `that nobody wants any more are not asked for again, and are ended`() {
        #expect(asked(["a", "b"], failing: ["a", "b"]) == ["a", "b"])
        #expect(tries.over(["b"]) == ["a"], "the failed one may have got through")
        tries.forget("a")
        now = now + .seconds(1)
        #expect(asked(["b"]) == ["b"])
        tries.fails("a", at: now)
        #expect(tries.pauseLeft(at: now) == nil)
    }

    @Test mutating func `of a server that fails are few, and each has its turn`() {
        let all = Set(texts: (0..<10).map { "\($0)" })
        var seen: Set<ExactText> = []
        for _ in 0..<7 {
            let round = asked(all, failing: all)
            #expect(round.count <= SubscriptionTries.mostFailures)
            seen.formUnion(Set(texts: round))
            now = now + SubscriptionTries.longestPause
        }
        #expect(seen == all)
        var turns: [String: Int] = [:]
        for _ in 0..<20 {
            for uri in asked(all, failing: all) { turns[uri, default: 0] += 1 }
            now = now + SubscriptionTries.longestPause
        }
        #expect(turns.count == 10 && turns.values.allSatisfy { $0 == 6 }, "\(turns)")
    }
}
