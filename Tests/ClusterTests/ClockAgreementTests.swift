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
                source, reading(10.05 + distance, 0).wall, sent: reading(10, 10).boot,
                received: reading(10.1, 10.1).boot)
        }
        return agreement
    }

    private let peers = (1...4).map { ClockAgreement.Source.peer(ClusterOrganisation.name($0)) }
    private var soon: ClockReading { reading(11, 11) }

    @Test func `a node that has read no other clock is not ready`() {
        #expect(!ClockAgreement().isReady(at: soon))
        let once = agreement([(.store, 0)])
        #expect(once.isReady(at: soon))
        #expect(!once.isReady(at: reading(22, 22)), "what was read long ago does not count")
    }

    @Test func `more than half of the others decide`() {
        #expect(!agreement([(.store, 2)]).isReady(at: soon))
        #expect(!agreement([(.store, -2)]).isReady(at: soon))
        #expect(agreement([(.store, 0.9)]).isReady(at: soon))
        // The store's clock alone steps: the node stays ready.
        #expect(agreement([(.store, 90), (peers[0], 0), (peers[1], 0)]).isReady(at: soon))
        #expect(!agreement([(.store, 90), (peers[0], 0)]).isReady(at: soon), "a tie")
        // The own clock has stepped: all others are away.
        #expect(!agreement([(.store, 3), (peers[0], 3), (peers[1], 0)]).isReady(at: soon))
    }

    @Test func `an exchange that took long proves less`() {
        var slow = ClockAgreement()
        let (sent, received) = (reading(10, 10).boot, reading(13, 13).boot)
        slow.hear(.store, reading(14, 0).wall, sent: sent, received: received)
        #expect(slow.isReady(at: reading(13, 13)), "it may be 1 s away at least")
        slow.hear(.store, reading(14.2, 0).wall, sent: sent, received: received)
        #expect(!slow.isReady(at: reading(13, 13)))
    }

    @Test func `a step of the own clock counts at once, and one that sets it right too`() {
        let right = agreement([(.store, 0), (peers[0], 0)])
        #expect(right.isReady(at: reading(11, 11)))
        #expect(!right.isReady(at: reading(13, 11)) && !right.isReady(at: reading(9, 11)))
        let wrong = agreement([(.store, 3), (peers[0], 3)])
        #expect(!wrong.isReady(at: reading(11, 11)) && wrong.isReady(at: reading(14, 11)))
    }

    @Test func `small steps add up`() {
        let agreement = agreement([(.store, 0)])
        for step in 1...9 {
            let wall = 11 + Double(step) * 0.4
            #expect(agreement.isReady(at: reading(wall, 11)) == (step < 3), "step \(step)")
        }
    }

    @Test func `an exchange whose answer came before its question proves nothing`() {
        var agreement = ClockAgreement()
        agreement.hear(
            .store, reading(10, 0).wall, sent: reading(10, 10.1).boot,
            received: reading(10, 10).boot)
        #expect(!agreement.isReady(at: soon))
    }
}
