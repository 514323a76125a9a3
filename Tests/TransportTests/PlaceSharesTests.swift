import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockTransport

/// The connections that are closed to admit another one (R151).
@Suite(.requirement("R151")) struct PlaceSharesTests {
    private let shares = PlaceShares(connections: 64)  // Reserve 16, 8 a holder, 2 at once.

    private func claims(
        _ count: Int, of user: UInt32 = 1000, forwarded: String? = nil, holder: String? = nil,
        since: UInt64 = 0, isIdle: Bool = true
    ) -> [PlaceShares.Candidate] {
        (0..<count).map { number in
            PlaceShares.Candidate(
                claim: PlaceClaim(
                    source: .user(user), forwarded: forwarded.map { ExactText($0) },
                    holder: holder.map { ExactText($0) },
                    since: since + UInt64(number)), isIdle: isIdle)
        }
    }

    @Test func `R151: no connection is closed while there is room`() {
        #expect(shares.leaving(claims(47)) == [])
        #expect(
            shares.leaving(claims(47) + claims(8, holder: "ada") + claims(8, holder: "sam")) == [])
    }

    @Test func `R151: the oldest of the source with the most are closed, short of the reserve`() {
        let all = claims(8, of: 7) + claims(40, of: 9, since: 100)
        #expect(shares.leaving(all) == [8, 9])
        #expect(shares.leaving(claims(48)) == [0, 1], "its own, if no other source has more")
    }

    @Test func `R151: a user that claims many forwarded addresses counts as one source`() {
        let spread = (0..<40).flatMap { claims(1, of: 9, forwarded: "\($0)", since: 50) }
        let all = claims(8, of: 33) + spread
        let leaving = shares.leaving(all) ?? []
        #expect(leaving.count == 1 && leaving.allSatisfy { all[$0].claim.source == .user(9) })
    }

    @Test func `R151: of a proxy's clients the one with most leaves`() {
        let all = claims(20, of: 33, forwarded: "a") + claims(28, of: 33, forwarded: "b")
        #expect(shares.leaving(all) == [20, 21])
    }

    @Test func `R151: holders keep their share, and no more`() {
        let flood = claims(48, since: 100)
        let ada = claims(8, holder: "ada")
        #expect(shares.leaving(ada + flood) == [8, 9])
        // Above its share a holder counts as unproven.
        let greedy = claims(64, of: 5, holder: "ada")
        #expect(shares.leaving(greedy) == [0, 1], "the newest are those that count")
        let many = (0..<8).flatMap { claims(8, holder: "\($0)", since: UInt64($0)) }
        #expect(shares.leaving(many) == [0], "all are proven: the one unused for longest")
    }

    @Test func `R151: a connection that is being answered stays`() {
        #expect(shares.leaving(claims(48, isIdle: false)) == nil)
        #expect(shares.leaving(claims(47, isIdle: false) + claims(1, of: 2)) == [47])
    }
}
