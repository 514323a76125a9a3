import InterlockPolicy
import Testing

@testable import InterlockRunning

/// The lease of a run (docs/specs/kill-switch.md, section 6).
@Suite struct `The lease of a run` {
    private let start = RunLease.Instants.now

    /// - Parameter suspended: the part of the time in which the machine was suspended.
    private func after(_ seconds: Int, suspended: Int = 0) -> RunLease.Instants {
        RunLease.Instants(
            elapsed: start.elapsed + .seconds(seconds),
            awake: start.awake + .seconds(seconds - suspended))
    }

    private func lease(_ onLoss: SandboxLeaseLoss) -> RunLease {
        RunLease(.seconds(15), onLoss: onLoss, lastResponse: start)
    }

    @Test(arguments: SandboxLeaseLoss.allCases)
    func `connections are closed once, when the gateway was silent for longer than the lease`(
        _ onLoss: SandboxLeaseLoss
    ) {
        var lease = lease(onLoss)
        let losses = [0, 15, 16, 17, 59].map { lease.check(at: after($0)) }
        #expect(losses == [nil, nil, .connections, nil, nil])
    }

    @Test func `a run ends after a minute of silence if the policy says so, and only then`() {
        var kill = lease(.kill)
        var stop = lease(.stop)
        #expect(kill.check(at: after(16)) == .connections)
        #expect(kill.check(at: after(60)) == .run && kill.check(at: after(61)) == .run)
        #expect(stop.check(at: after(3600)) == .connections)
        #expect(stop.check(at: after(7200)) == nil)
    }

    @Test func `a supervisor that looks late ends the run at once`() {
        var lease = lease(.kill)
        #expect(lease.check(at: after(90)) == .run)
    }

    @Test func `a word of the gateway renews the lease`() {
        var lease = lease(.kill)
        #expect(lease.check(at: after(50)) == .connections)
        lease.renew(at: after(55))
        let losses = [70, 71, 114, 115].map { lease.check(at: after($0)) }
        #expect(losses == [nil, .connections, nil, .run])
    }

    @Test func `a machine that was suspended ends no run, and closes its connections`() {
        var lease = lease(.kill)
        #expect(lease.check(at: after(9000, suspended: 8990)) == .connections)
        #expect(lease.check(at: after(9049, suspended: 8990)) == nil)
        #expect(lease.check(at: after(9050, suspended: 8990)) == .run)
    }
}
