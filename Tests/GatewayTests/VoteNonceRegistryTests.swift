import InterlockModel
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

@Suite struct VoteNonceRegistryTests {
    private let now = Timestamp(microseconds: 1_795_169_731_500_000)
    private let ines = Pseudonym(text: "ines")
    private let paul = Pseudonym(text: "paul")

    private func request(_ number: Int) -> ApprovalID {
        ApprovalID(milliseconds: Int64(number), random: Array(repeating: 1, count: 10))
    }

    @Test func `who asks for many nonces takes nobody else's`() {
        var book = VoteNonceRegistry()
        book.issue("paul's", for: request(1), to: paul, now: now)
        for number in 0..<20_000 {
            book.issue("n\(number)", for: request(number % 5_000), to: ines, now: now)
        }
        #expect(book.count == VoteNonceRegistry.mostOfOne + 1)
        book.issue("newer", for: request(2), to: paul, now: now)
        let kept = [("paul's", 1), ("newer", 2)].map {
            book.take($0.0, for: request($0.1), by: paul, now: now)
        }
        let last = book.take("n19999", for: request(4_999), by: ines, now: now)
        #expect(
            kept == [now + VoteNonceRegistry.life, now + VoteNonceRegistry.life] && last != nil)
    }

    @Test func `the newest few of one request are good, once, for its person alone`() {
        var book = VoteNonceRegistry()
        for number in 0...VoteNonceRegistry.mostOfRequest {
            book.issue("n\(number)", for: request(1), to: ines, now: now)
        }
        let oldest = book.take("n0", for: request(1), by: ines, now: now)
        let strange = book.take("n1", for: request(1), by: paul, now: now)
        let other = book.take("n1", for: request(2), by: ines, now: now)
        let first = book.take("n1", for: request(1), by: ines, now: now)
        let again = book.take("n1", for: request(1), by: ines, now: now)
        let late = book.take("n2", for: request(1), by: ines, now: now + VoteNonceRegistry.life)
        #expect(oldest == nil && strange == nil && other == nil && again == nil && late == nil)
        #expect(first == now + VoteNonceRegistry.life)
    }

    @Test func `what is over leaves nothing behind`() {
        var book = VoteNonceRegistry()
        for number in 0..<100 { book.issue("n\(number)", for: request(number), to: ines, now: now) }
        book.issue("last", for: request(1), to: ines, now: now + VoteNonceRegistry.life)
        #expect(book.count == 1)
        _ = book.take("last", for: request(1), by: ines, now: now + VoteNonceRegistry.life)
        #expect(book.count == 0)
    }
}
