import InterlockJSON
import InterlockTesting
import Testing

@testable import InterlockModel

/// The times for which halts were in force.
@Suite struct HaltSpansTests {
    private let org = Org()
    private let refunds = AgentName("refunds").unwrapped
    private let triage = AgentName("support-triage").unwrapped
    private let start = Org.start

    private func at(_ seconds: Int64) -> Timestamp { start + .seconds(seconds) }

    private func book() -> HaltHistory {
        HaltHistory(epoch: .first(org: "acme", node: "gw1", at: start))
    }

    private func halt(
        _ book: inout HaltHistory, _ number: Int64, _ target: HaltTarget, at seconds: Int64
    ) throws {
        _ = try book.apply(
            try org.judge().halt(try org.halt(number, target), .now(start)), at: at(seconds),
            hashing: WeakHashing())
    }

    private func release(
        _ book: inout HaltHistory, _ number: Int64, of halts: [Int64], at seconds: Int64
    ) throws {
        _ = try book.apply(
            try org.judge().release(
                try org.release(number, of: halts, after: book.epoch.number), .now(start)),
            at: at(seconds), hashing: WeakHashing())
    }

    private func restore(
        _ book: inout HaltHistory, _ number: Int64, _ target: HaltTarget
    ) throws {
        book.restore(
            try org.judge().halt(try org.halt(number, target), .judgedBefore),
            hashing: WeakHashing())
    }

    private func restore(_ book: inout HaltHistory, _ number: Int64, of halts: [Int64]) throws {
        book.restore(
            try org.judge().release(try org.release(number, of: halts), .judgedBefore),
            hashing: WeakHashing())
    }

    @Test func `a halt is in force from its arrival until its release`() throws {
        var book = book()
        try halt(&book, 1, .agent(refunds), at: 60)
        try halt(&book, 2, .agent(triage), at: 90)
        #expect(book.spans.since(start).map(\.end) == [nil, nil])
        try release(&book, 3, of: [1], at: 300)
        let spans = book.spans.since(start)
        #expect(spans.map(\.halt) == [org.id(1), org.id(2)])
        #expect(spans.map(\.target) == [.agent(refunds), .agent(triage)])
        #expect(spans.map(\.start) == [at(60), at(90)])
        #expect(spans.map(\.end) == [at(300), nil])
        #expect(book.spans.since(at(300)).map(\.halt) == [org.id(2)])
    }

    @Test func `the same halt again begins no other span`() throws {
        var book = book()
        try halt(&book, 1, .org, at: 60)
        try halt(&book, 1, .org, at: 600)
        #expect(book.spans.since(start).map(\.start) == [at(60)])
        try release(&book, 2, of: [1], at: 700)
        try halt(&book, 1, .org, at: 800)
        #expect(book.spans.since(start).map(\.end) == [at(700)])
    }

    @Test func `a halt that ended more than an hour ago is forgotten`() throws {
        var book = book()
        try halt(&book, 1, .agent(refunds), at: 0)
        try release(&book, 2, of: [1], at: 60)
        try halt(&book, 3, .agent(triage), at: 3600)
        try release(&book, 4, of: [3], at: 3661)
        #expect(book.spans.since(start).map(\.halt) == [org.id(3)])
    }

    @Test func `restored orders have the times of their records`() throws {
        var book = book()
        try restore(&book, 1, .agent(refunds))
        try restore(&book, 2, .agent(triage))
        try restore(&book, 3, .org)
        try restore(&book, 4, of: [1])
        try restore(&book, 5, of: [2])
        // Nothing is known of the ends before the log was read.
        #expect(book.spans.since(start).map(\.halt) == [org.id(3)])
        book.refill([org.id(1): at(30), org.id(3): at(50), org.id(4): at(90)])
        let spans = book.spans.since(start)
        #expect(spans.map(\.halt) == [org.id(1), org.id(3)], "the other one ended before the hour")
        #expect(spans.map(\.start) == [at(30), at(50)])
        #expect(spans.map(\.end) == [at(90), nil])
    }

    @Test func `a restored halt without a record began when it was signed`() throws {
        var book = book()
        try restore(&book, 1, .org)
        try restore(&book, 2, .agent(refunds))
        try restore(&book, 3, of: [2])
        book.refill([org.id(3): at(90)])
        #expect(book.spans.since(start).map(\.start) == [start, start])
        #expect(Set(book.spans.since(start).map(\.end)) == [nil, at(90)])
    }

    @Test func `the halt of a drill has no span`() throws {
        var spans = HaltSpans()
        for (number, target) in [(1, .drill), (2, .org)] as [(Int64, HaltTarget)] {
            let halt = try HaltOrder(
                id: org.id(number), org: "acme", target: target, reason: "something is wrong",
                author: org.li.pseudonym, at: start)
            spans.begin(halt, at: start)
        }
        #expect(spans.since(start).map(\.target) == [.org])
    }

    @Test(
        arguments: [
            (0, 60, false), (0, 61, true), (60, 120, true), (119, 180, true), (120, 180, false),
        ] as [(Int64, Int64, Bool)])
    func `a span touches the minutes in which the halt was in force`(
        _ from: Int64, _ until: Int64, _ isTouched: Bool
    ) {
        let span = HaltSpan(halt: org.id(1), target: .org, start: at(60), end: at(120))
        #expect(span.touches(from: at(from), until: at(until)) == isTouched)
        let active = HaltSpan(halt: org.id(1), target: .org, start: at(60))
        #expect(active.touches(from: at(from), until: at(until)) == (until > 60))
    }
}
