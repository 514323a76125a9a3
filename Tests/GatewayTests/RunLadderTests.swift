import InterlockAlerts
import InterlockModel
import InterlockMonitoring
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The last step of the ladder of responses (docs/specs/limits-and-monitoring.md, section 10).
@Suite struct RunLadderTests {
    private let bench: Bench
    private let clerk: AgentName
    private let coder: AgentName
    private let stopped = Mutexed<[String]>([])
    private let released = Mutexed<Timestamp?>(nil)
    private let ladder: RunLadder

    init() throws {
        bench = try Bench()
        clerk = try #require(AgentName("clerk"))
        coder = try #require(AgentName("coder"))
        let (stopped, released) = (stopped, released)
        ladder = RunLadder(
            breakers: bench.gateway.breakers, runs: bench.gateway.runs, ledger: bench.ledger,
            release: { _ in released.value },
            stop: { target, reason in stopped.value.append("\(target.target): \(reason)") })
    }

    private func take(
        _ basis: RaisedSignal.Basis, of agent: AgentName? = nil, severity: AlertSeverity = .high
    ) {
        ladder.take(
            RaisedSignal(
                id: bench.gateway.newID(), agent: agent ?? clerk, run: nil, basis: basis,
                severity: severity, at: bench.clock.now))
    }

    @Test func `two independent signals within an hour stop the agent, once`() {
        take(.deterministic(.outsideHours))
        #expect(stopped.value.isEmpty)
        bench.clock.advance(.seconds(3_000))
        take(.learned(.denials, isDiscovery: true))
        let reason = "independent signals within an hour: outside_hours, denials"
        #expect(stopped.value == ["clerk: " + reason])
        take(.deterministic(.outsideHours))
        #expect(stopped.value.count == 1, "both were forgotten")
    }

    @Test func `learned series are one source, and the same signal twice is not two`() {
        take(.learned(.calls, isDiscovery: true))
        take(.learned(.bytesOut, isDiscovery: true))
        take(.learned(.calls, isDiscovery: true))
        take(.deterministic(.outsideHours), severity: .low)
        #expect(stopped.value.isEmpty)
        take(.deterministic(.twoWorkloads))
        #expect(
            stopped.value == ["clerk: independent signals within an hour: calls, two_workloads"])
    }

    @Test func `a canary or a value of the broker in arguments stops the run, once in a while`() {
        let run = NameAuthenticator.run(of: "clerk")
        func send(isCanary: Bool) {
            ladder.take(
                SentSecret(agent: clerk, run: run, isCanary: isCanary, at: bench.clock.now))
        }
        send(isCanary: true)
        send(isCanary: true)
        let target = run.text + ": "
        let reason = " was in what clerk was about to send"
        #expect(stopped.value == [target + "a canary" + reason])
        // Calls that were under way, and then one after people released the run.
        bench.clock.advance(.seconds(1))
        send(isCanary: true)
        #expect(stopped.value.count == 1)
        released.value = bench.clock.now.wall
        bench.clock.advance(.seconds(1))
        send(isCanary: true)
        send(isCanary: true)
        #expect(stopped.value.count == 2)
        bench.clock.advance(.seconds(10))
        send(isCanary: false)
        #expect(
            stopped.value.last == target + "a value of the gateway's secrets" + reason
                && stopped.value.count == 3)
    }

    @Test func `a signal of an hour ago, of low severity or of another agent stops none`() {
        take(.deterministic(.outsideHours))
        take(.deterministic(.longRun), severity: .low)
        take(.deterministic(.twoWorkloads), of: coder)
        bench.clock.advance(.seconds(3_600))
        take(.learned(.calls, isDiscovery: true))
        #expect(stopped.value.isEmpty)
    }
}
