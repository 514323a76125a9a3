import InterlockGovernor
import InterlockModel
import InterlockPorts
import InterlockTransport

/// Posts a heartbeat to each event loop and tests the store, once a second. Runs on the control loop, which waits for
/// none of them, so that a loop that hangs is noticed.
struct HealthMonitor: Sendable {
    private let task: Task<Void, Never>

    init(_ gateway: Gateway, _ loops: LoopGroup, _ control: ControlPlane, _ store: any StoreProbe) {
        let clock = gateway.clock
        var beats = loops.loops.enumerated().map { number, loop in
            (loop, gateway.monitors.heartbeats.begin("events \(number + 1)", at: clock.boot))
        }
        beats.append(
            (control.people.loops[0], gateway.monitors.heartbeats.begin("people", at: clock.boot)))
        let own = gateway.monitors.heartbeats.begin("control", at: clock.boot)
        let loop = control.loop
        task = Task(executorPreference: loop) { [beats] in
            while !Task.isCancelled {
                for (loop, beat) in beats { loop.post { beat.beat(at: clock.boot) } }
                own.beat(at: clock.boot)
                gateway.watchStore(store)
                await loop.sleep(for: .seconds(1))
            }
        }
    }

    func stop() { task.cancel() }
}
