import InterlockConsoleWorld
import InterlockModel
import Synchronization
import Testing

@testable import InterlockAPI
@testable import InterlockConsole
@testable import InterlockSchemas

/// The number of pages that may listen for changes.
@Suite struct EventStreamLimiterTests {
    @Test func `a person's ninth stream ends the oldest, and nobody else's`() throws {
        let places = EventStreamLimiter(most: 100)
        let ended = Mutex<[String]>([])
        func enter(_ person: String, _ name: String) -> Int? {
            places.enter(.person(Pseudonym(text: person))) { ended.withLock { $0.append(name) } }
        }
        _ = enter("other", "theirs")
        let first = try #require(enter("own", "1"))
        for number in 2...EventStreamLimiter.mostOfOne { _ = enter("own", "\(number)") }
        #expect(ended.withLock { $0 } == [])
        #expect(enter("own", "next") != nil)
        #expect(ended.withLock { $0 } == ["1"])
        #expect(places.count == EventStreamLimiter.mostOfOne + 1)
        places.leave(first, .person(Pseudonym(text: "own")))
        #expect(places.count == EventStreamLimiter.mostOfOne + 1, "it has left already")
        #expect(enter("own", "last") != nil)
        #expect(ended.withLock { $0 } == ["1", "2"])
    }

    @Test func `when all places are taken nobody's stream ends but one's own`() throws {
        let places = EventStreamLimiter(most: EventStreamLimiter.mostOfOne + 1)
        let ended = Mutex(0)
        let end: @Sendable () -> Void = { ended.withLock { $0 += 1 } }
        let lone = try #require(places.enter(.person(Pseudonym(text: "lone")), end: end))
        for _ in 0..<EventStreamLimiter.mostOfOne {
            _ = places.enter(.person(Pseudonym(text: "own")), end: end)
        }
        #expect(
            places.enter(.person(Pseudonym(text: "late")), end: end) == nil
                && ended.withLock { $0 } == 0)
        #expect(
            places.enter(.person(Pseudonym(text: "own")), end: end) != nil
                && ended.withLock { $0 } == 1)
        places.leave(lone, .person(Pseudonym(text: "lone")))
        #expect(places.enter(.person(Pseudonym(text: "late")), end: end) != nil)
        #expect(places.count == EventStreamLimiter.mostOfOne + 1)
    }
}
