import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster

/// Which nodes are expelled, and when.
@Suite struct SilentNodeDetectorTests {
    private func time(_ seconds: Double) -> BootTime {
        BootTime(microseconds: 1_000_000_000 + Int64(seconds * 1_000_000))
    }

    private func row(
        _ node: Int, _ beat: Int64, _ incarnation: Incarnation = .first, isGone: Bool = false
    ) -> SilentNodeDetector.Row {
        SilentNodeDetector.Row(
            node: ClusterOrganisation.name(node), incarnation: incarnation, beat: beat,
            isGone: isGone)
    }

    @Test func `a beat that is unchanged for more than lease and one second expels its node`() {
        var detector = SilentNodeDetector(.standard)
        var found: [SilentNodeDetector.Silent] = []
        for second in 0...6 {
            #expect(found.isEmpty, "at \(second)")
            found = detector.look(
                at: [row(1, Int64(second)), row(2, 5), row(3, 5, isGone: true)],
                time(Double(second)))
        }
        #expect(found.isEmpty, "6 s are not more than 6 s")
        let late = detector.look(at: [row(1, 7), row(2, 5)], time(6.1))
        #expect(
            late == [
                SilentNodeDetector.Silent(
                    node: ClusterOrganisation.name(2), incarnation: .first, beat: 5)
            ])
    }

    @Test func `another incarnation or beat begins anew`() {
        var detector = SilentNodeDetector(.standard)
        for second in 0..<20 {
            let silent = detector.look(
                at: [
                    row(1, 5, Incarnation(Int64(1 + second / 5)).unwrapped),
                    row(2, Int64(second / 5)),
                ], time(Double(second)))
            #expect(silent.isEmpty)
        }
    }

    @Test func `a watcher that could not look for long expels no node at once`() {
        var detector = SilentNodeDetector(.standard)
        _ = detector.look(at: [row(1, 5)], time(0))
        let first = detector.look(at: [row(1, 5)], time(60))
        #expect(first.isEmpty, "the store was away for all")
        for second in 1...6 {
            let silent = detector.look(at: [row(1, 5)], time(60 + Double(second)))
            #expect(silent.isEmpty)
        }
        let late = detector.look(at: [row(1, 5)], time(67))
        #expect(late.count == 1)
    }

    /// Its lease for consequential calls is over when a node is expelled, with clocks whose rates differ by a tenth.
    @Test(arguments: [5, 60] as [Int64]) func `no node acts when it is expelled`(
        _ seconds: Int64
    ) throws {
        let settings = try #require(
            LeaseSettings(consequential: .seconds(seconds), reads: .seconds(600)))
        var random = SeededGenerator.announced()
        for _ in 0..<rounds(2_000) {
            let own = Double.random(in: 0.9...1.1, using: &random)
            let watchers = Double.random(in: 0.9...1.1, using: &random)
            func clock(_ real: Int64, _ rate: Double) -> BootTime {
                BootTime(microseconds: 7_000_000 + Int64(Double(real) * rate))
            }
            var detector = SilentNodeDetector(settings)
            var lease = NodeLease(settings)
            var beat: Int64 = 0
            var real: Int64 = 0
            var isExpelled = false
            while !isExpelled, real < 20_000_000 + 2 * seconds * 1_000_000 {
                // The node falls silent at some time; its last heartbeat is answered before or after.
                if real < 10_000_000 {
                    beat = lease.send(at: clock(real, own))
                    lease.answer(beat, head: 0, applied: 0)
                }
                real += Int64.random(in: 100_000...900_000, using: &random)
                let silent = detector.look(at: [row(1, beat)], clock(real, watchers))
                isExpelled = !silent.isEmpty
            }
            #expect(isExpelled)
            #expect(!lease.permits(.consequential, at: clock(real, own)))
        }
    }
}
