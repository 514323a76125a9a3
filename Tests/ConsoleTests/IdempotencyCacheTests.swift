import InterlockAdministration
import InterlockCredentials
import InterlockGovernor
import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockAPI
@testable import InterlockConsole
@testable import InterlockSchemas

struct IdempotencyCacheTests {
    private typealias Key = IdempotencyCache.Key
    private let own = Pseudonym(text: Base64.encode([UInt8](repeating: 1, count: 16)))
    private let other = Pseudonym(text: Base64.encode([UInt8](repeating: 2, count: 16)))
    private let hashing = OpenSSLHashing()

    private func request(_ number: UInt8) -> Digest { hashing.sha256([number]) }
    private func time(_ seconds: Int64) -> BootTime { BootTime(microseconds: seconds * 1_000_000) }
    private func answer(_ bytes: Int = 1) -> HTTPResponse {
        HTTPResponse(status: 200, body: [UInt8](repeating: 0, count: bytes))
    }

    private func word(_ start: IdempotencyCache.Start) -> String {
        switch start {
        case .run: "run"
        case .replay(let answer): "replay \(answer.body.count)"
        case .busy: "busy"
        case .other: "other"
        case .full: "full"
        }
    }

    @Test func `the first runs, and what comes again is answered alike`() {
        var book = IdempotencyCache()
        let key = Key(own, "a")
        #expect(word(book.begin(key, request(1), at: time(0))) == "run")
        #expect(word(book.begin(key, request(1), at: time(1))) == "busy")
        #expect(word(book.begin(key, request(2), at: time(1))) == "other")
        book.end(key, answer(7))
        #expect(word(book.begin(key, request(1), at: time(2))) == "replay 7")
        #expect(word(book.begin(key, request(2), at: time(2))) == "other")
        #expect(word(book.begin(Key(other, "a"), request(2), at: time(2))) == "run")
    }

    @Test func `what was not done may be tried again`() {
        var book = IdempotencyCache()
        let key = Key(own, "a")
        _ = book.begin(key, request(1), at: time(0))
        book.drop(key)
        #expect(word(book.begin(key, request(1), at: time(1))) == "run")
    }

    @Test func `an answer is kept for a day`() {
        var book = IdempotencyCache()
        let key = Key(own, "a")
        let day = IdempotencyCache.life.components.seconds
        _ = book.begin(key, request(1), at: time(0))
        book.end(key, answer())
        #expect(word(book.begin(key, request(1), at: time(day - 1))) == "replay 1")
        #expect(word(book.begin(key, request(2), at: time(day))) == "run")
    }

    @Test func `one person has a share, and the oldest answer makes room`() {
        var book = IdempotencyCache()
        for number in 0..<IdempotencyCache.mostOfOne {
            let key = Key(own, "\(number)")
            #expect(word(book.begin(key, request(1), at: time(Int64(number)))) == "run")
            if number > 0 { book.end(key, answer()) }
        }
        #expect(word(book.begin(Key(own, "more"), request(1), at: time(999))) == "run")
        #expect(book.count == IdempotencyCache.mostOfOne)
        // The oldest entry has no response yet, so the next one was evicted.
        #expect(word(book.begin(Key(own, "0"), request(1), at: time(999))) == "busy")
        #expect(word(book.begin(Key(own, "2"), request(1), at: time(999))) == "replay 1")
        #expect(word(book.begin(Key(own, "1"), request(1), at: time(999))) == "run")
    }

    @Test func `nothing that is being answered is forgotten`() {
        var book = IdempotencyCache()
        for number in 0..<IdempotencyCache.mostOfOne {
            _ = book.begin(Key(own, "\(number)"), request(1), at: time(0))
        }
        #expect(word(book.begin(Key(own, "more"), request(1), at: time(1))) == "full")
        #expect(word(book.begin(Key(other, "more"), request(1), at: time(1))) == "run")
    }

    @Test func `answers have a bound in number and in bytes`() {
        var book = IdempotencyCache()
        for number in 0..<IdempotencyCache.most + 300 {
            let person = Pseudonym(
                text: Base64.encode([UInt8](repeating: UInt8(number % 100), count: 16)))
            let key = Key(person, "\(number)")
            _ = book.begin(key, request(1), at: time(Int64(number)))
            book.end(key, answer())
        }
        #expect(book.count == IdempotencyCache.most)
        let large = IdempotencyCache.mostBytes / 4
        var small = IdempotencyCache()
        for number in 0..<6 {
            let key = Key(own, "\(number)")
            _ = small.begin(key, request(1), at: time(Int64(number)))
            small.end(key, answer(large))
        }
        #expect(small.count == 4)
    }
}
