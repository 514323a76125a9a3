import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster

/// The lease of a node: what a heartbeat permits, from when to when, and the bound that follows from it.
@Suite struct NodeLeaseTests {
    private func time(_ seconds: Double) -> BootTime {
        BootTime(microseconds: 1_000_000_000 + Int64(seconds * 1_000_000))
    }

    @Test func `a heartbeat permits from its sending, less the margin`() {
        var lease = NodeLease(.standard)
        #expect(!lease.permits(.consequential, at: time(0)))
        let beat = lease.send(at: time(0))
        #expect(!lease.permits(.lowTierRead, at: time(0.1)), "it is not answered")
        lease.answer(beat, head: 7, applied: 7)
        #expect(lease.permits(.consequential, at: time(3.999)))
        #expect(!lease.permits(.consequential, at: time(4)))
        #expect(lease.permits(.lowTierRead, at: time(26.249)))
        #expect(!lease.permits(.lowTierRead, at: time(26.25)), "an eighth of 30 s before its end")
        #expect(
            !lease.permits(.lowTierRead, at: time(-1)), "a clock that went back permits nothing")
        #expect(lease.end(of: .consequential) == time(4))
    }

    @Test func `a heartbeat whose head is not applied permits nothing`() {
        var lease = NodeLease(.standard)
        let beat = lease.send(at: time(0))
        lease.answer(beat, head: 8, applied: 7)
        #expect(!lease.permits(.consequential, at: time(1)))
        lease.apply(8)
        #expect(lease.permits(.consequential, at: time(1)))
        #expect(!lease.permits(.consequential, at: time(4)), "it counts from when it was sent")
    }

    @Test
    func `answers that are doubled, late, unknown or of a failed heartbeat count for nothing`() {
        var lease = NodeLease(.standard)
        let first = lease.send(at: time(0))
        let second = lease.send(at: time(1))
        #expect(first != second)
        lease.fail(second)
        lease.answer(second, head: 0, applied: 9)
        lease.answer(99, head: 0, applied: 9)
        #expect(lease.since == nil)
        lease.answer(first, head: 0, applied: 9)
        #expect(lease.since == time(0))
        lease.end()
        lease.answer(first, head: 0, applied: 9)
        #expect(lease.since == nil && lease.end(of: .lowTierRead) == nil)
    }

    @Test func `an older heartbeat that is answered later does not shorten the lease`() {
        var lease = NodeLease(.standard)
        let first = lease.send(at: time(0))
        let second = lease.send(at: time(1))
        lease.answer(second, head: 0, applied: 0)
        lease.answer(first, head: 0, applied: 0)
        #expect(lease.since == time(1))
    }

    @Test func `a lease that ended is not brought back by a heartbeat of before`() {
        var lease = NodeLease(.standard)
        let beat = lease.send(at: time(0))
        lease.end()
        lease.answer(beat, head: 0, applied: 9)
        #expect(!lease.permits(.lowTierRead, at: time(0.5)))
    }

    @Test func `settings out of range are refused`() {
        #expect(LeaseSettings() == LeaseSettings.standard)
        #expect(LeaseSettings.standard.silence == .seconds(6))
        #expect(LeaseSettings(consequential: .seconds(4)) == nil)
        #expect(LeaseSettings(consequential: .seconds(61), reads: .seconds(61)) == nil)
        #expect(LeaseSettings(consequential: .seconds(31)) == nil, "reads would end earlier")
        #expect(LeaseSettings(reads: .seconds(601)) == nil)
        #expect(LeaseSettings(consequential: .seconds(60), reads: .seconds(600)) != nil)
    }

    @Test func `the margin is a second, and an eighth of a lease above 8 s`() throws {
        for (lease, permitted, silence) in [
            (5.0, 4.0, 6.0), (8.0, 7.0, 9.0), (16.0, 14.0, 18.0), (60.0, 52.5, 67.5),
        ] {
            let settings = try #require(
                LeaseSettings(consequential: .seconds(lease), reads: .seconds(600)))
            #expect(settings.permitted(.consequential) == .seconds(permitted))
            #expect(settings.silence == .seconds(silence))
            #expect(settings.permitted(.lowTierRead) == .seconds(525))
        }
    }

    @Test func `heartbeats are sent every half second, and less often above 250 nodes`() {
        var random = SeededGenerator.announced()
        for (nodes, mean) in [(0, 0.5), (3, 0.5), (250, 0.5), (500, 1.0), (1_000, 2.0)] {
            for _ in 0..<200 {
                let next = HeartbeatInterval.next(nodes: nodes, random: random.next())
                #expect(next >= .seconds(mean * 0.899) && next <= .seconds(mean * 1.101))
            }
        }
        let again = HeartbeatInterval.reconnect(random: random.next())
        #expect(again >= .zero && again < .seconds(1))
    }

    /// The bound of docs/specs/cluster.md, section 5: an entry that is committed at t is applied at t + lease by every
    /// node that still acts, also with clocks whose rates differ by a tenth.
    @Test(.requirement("R111"), arguments: [5, 60] as [Int64])
    func `a node that acts at t and the lease has applied what was committed at t`(
        _ seconds: Int64
    ) throws {
        let settings = try #require(
            LeaseSettings(consequential: .seconds(seconds), reads: .seconds(600)))
        var random = SeededGenerator.announced()
        for _ in 0..<rounds(2_000) {
            // The store's commits, in its own time, in microseconds.
            var commits: [Int64] = [0]
            for _ in 0..<40 {
                commits.append(
                    commits[commits.count - 1] + Int64.random(in: 1...900_000, using: &random))
            }
            let rate = Double.random(in: 0.9...1.1, using: &random)
            func clock(_ real: Int64) -> BootTime {
                BootTime(microseconds: 5_000_000 + Int64(Double(real) * rate))
            }
            var lease = NodeLease(settings)
            var applied: Int64 = 0
            var real: Int64 = 0
            while real < commits[commits.count - 1] {
                let beat = lease.send(at: clock(real))
                // The heartbeat reaches the store at some time, and its answer comes back, or is lost.
                let committed = real + Int64.random(in: 1...1_500_000, using: &random)
                let head = Int64(commits.count(where: { $0 <= committed })) - 1
                real = committed + Int64.random(in: 1...1_500_000, using: &random)
                if Int.random(in: 0..<5, using: &random) > 0 {
                    lease.answer(beat, head: head, applied: applied)
                } else {
                    lease.fail(beat)
                }
                // Entries come by push or by fetch, and sometimes not at all.
                if Bool.random(using: &random) {
                    applied = Int64.random(in: applied...max(applied, head), using: &random)
                    lease.apply(applied)
                }
                let later = real + Int64.random(in: 0...seconds * 1_200_000, using: &random)
                guard lease.permits(.consequential, at: clock(later)) else { continue }
                let bound = later - seconds * 1_000_000
                let must = Int64(commits.count(where: { $0 <= bound })) - 1
                #expect(applied >= must, "at \(later) it acts without entry \(must)")
            }
        }
    }
}
