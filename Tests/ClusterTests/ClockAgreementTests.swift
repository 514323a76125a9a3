import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster

/// A node whose wall clock is off by more than a second is not ready.
@Suite struct ClockAgreementTests {
    private func reading(_ wall: Double, _ boot: Double) -> ClockReading {
        ClockReading(
            wall: Timestamp(microseconds: 1_795_000_000_000_000 + Int64(wall * 1_000_000)),
            boot: BootTime(microseconds: Int64(boot * 1_000_000)))
    }

    /// The agreement after each source said a time that is this far ahead, in exchanges of 0.1 s.
    private func agreement(_ ahead: [(ClockAgreement.Source, Double)]) -> ClockAgreement {
        var agreement = ClockAgreement()
        for (source, distance) in ahead {
            agreement.hear(
                source, reading(10.05 + distance, 0).wall, sent: reading(10, 10),
                received: reading(10.1, 10.1))
        }
        return agreement
    }

    private let peers = (1...4).map { ClockAgreement.Source.peer(ClusterOrganisation.name($0)) }
    private let soon = BootTime(microseconds: 11_000_000)

    @Test func `a node that has read no other clock is not ready`() {
        #expect(!ClockAgreement().isReady(at: soon))
        let once = agreement([(.store, 0)])
        #expect(once.isReady(at: soon))
        #expect(!once.isReady(at: soon + .seconds(11)), "what was read long ago does not count")
    }

    @Test func `more than half of the others decide`() {
        #expect(!agreement([(.store, 2)]).isReady(at: soon))
        #expect(!agreement([(.store, -2)]).isReady(at: soon))
        #expect(agreement([(.store, 0.9)]).isReady(at: soon))
        // The store's clock alone steps: the node stays ready.
        #expect(agreement([(.store, 90), (peers[0], 0), (peers[1], 0)]).isReady(at: soon))
        #expect(agreement([(.store, 90), (peers[0], 0)]).isReady(at: soon))
        // The own clock has stepped: all others are away.
        #expect(!agreement([(.store, 3), (peers[0], 3), (peers[1], 0)]).isReady(at: soon))
    }

    @Test func `an exchange that took long proves less`() {
        var slow = ClockAgreement()
        slow.hear(
            .store, reading(14, 0).wall, sent: reading(10, 10), received: reading(13, 13))
        #expect(slow.isReady(at: BootTime(microseconds: 13_000_000)), "it may be 1 s away at least")
        slow.hear(
            .store, reading(14.2, 0).wall, sent: reading(10, 10), received: reading(13, 13))
        #expect(!slow.isReady(at: BootTime(microseconds: 13_000_000)))
    }

    @Test func `an exchange during which the own clock stepped proves nothing`() {
        var stepped = ClockAgreement()
        stepped.hear(
            .store, reading(10, 0).wall, sent: reading(10, 10), received: reading(70, 10.1))
        stepped.hear(
            .store, reading(10, 0).wall, sent: reading(10, 10.1), received: reading(10, 10))
        #expect(!stepped.isReady(at: soon))
    }
}
