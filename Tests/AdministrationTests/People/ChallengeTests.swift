import InterlockCredentials
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

@Suite struct ChallengeTests {
    private let now = BootTime(microseconds: 1_000_000)
    private let invitation = Digest(words: (1, 1, 1, 1))

    private func book(key: UInt8 = 1) -> ChallengeRegistry {
        ChallengeRegistry { hmacSHA256(key: [key], $0) }
    }

    private let signIn = ChallengeRegistry.Purpose.signIn(
        OpenSSLHashing().sha256(Array("key".utf8).span))

    private func random(_ number: Int) -> [UInt8] {
        (0..<ChallengeRegistry.randomBytes).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }

    private func passkey(_ number: UInt8) throws -> ChallengeRegistry.Holder {
        .passkey(try #require(PasskeyID(bytes: [number])))
    }

    @Test func `who asks for many takes nothing from others, and leaves nothing behind`() throws {
        var book = book()
        let own = book.make(random(0), for: signIn, at: now)
        for number in 1...10_000 { _ = book.make(random(number), for: signIn, at: now) }
        #expect(book.count == 0)
        #expect(book.isLive(own, for: signIn, at: now))
        #expect(book.spend(own, by: try passkey(1), at: now) == .done)
        #expect(book.spend(own, by: try passkey(2), at: now) == .usedBefore)
        #expect(book.count == 1)
    }

    @Test func `a challenge is of this process, for one purpose, for five minutes`() {
        let book = book()
        let challenge = book.make(random(7), for: .enrolment(invitation), at: now)
        #expect(challenge.count == ChallengeRegistry.bytes)
        #expect(book.isLive(challenge, for: .enrolment(invitation), at: now))
        #expect(!book.isLive(challenge, for: signIn, at: now))
        let other = Digest(words: (1, 1, 1, 2))
        #expect(!book.isLive(challenge, for: .enrolment(other), at: now))
        #expect(!self.book(key: 2).isLive(challenge, for: .enrolment(invitation), at: now))
        let end = now + ChallengeRegistry.life
        let last = BootTime(microseconds: end.microseconds - 1)
        #expect(book.isLive(challenge, for: .enrolment(invitation), at: last))
        #expect(!book.isLive(challenge, for: .enrolment(invitation), at: end))
    }

    @Test func `no byte of it can be another`() {
        let book = book()
        let challenge = book.make(random(7), for: signIn, at: now)
        for place in challenge.indices {
            for bit in 0..<8 {
                var other = challenge
                other[place] ^= 1 << bit
                #expect(!book.isLive(other, for: signIn, at: now), "byte \(place), bit \(bit)")
            }
        }
        for other in [[], Array(challenge.dropLast()), challenge + [0]] {
            #expect(!book.isLive(other, for: signIn, at: now))
        }
    }

    @Test func `who answers too many waits, and nobody else`() throws {
        var book = book()
        for number in 0..<ChallengeRegistry.mostOfOne {
            let challenge = book.make(random(number), for: signIn, at: now)
            #expect(book.spend(challenge, by: try passkey(1), at: now) == .done)
        }
        let later = now + .seconds(10)
        let next = book.make(random(9999), for: signIn, at: later)
        #expect(
            book.spend(next, by: try passkey(1), at: later)
                == .tooOften(ChallengeRegistry.life - .seconds(10)))
        #expect(book.spend(next, by: .invitation(invitation), at: later) == .done)
        let after = now + ChallengeRegistry.life
        let fresh = book.make(random(10_000), for: signIn, at: after)
        #expect(book.spend(fresh, by: try passkey(1), at: after) == .done)
        #expect(book.count == 2, "what is over is forgotten")
    }
}
