import InterlockModel
import Synchronization

/// Runs the check of each part by itself, so that one that hangs holds up no other; its age shows it.
final class HealthCheckRunner: Sendable {
    private struct State {
        var findings: [HealthCheck.Part: HealthFinding] = [:]
        var running: Set<HealthCheck.Part> = []
        var next: BootTime?
    }
    private let state = Mutex(State())
    private let check: @Sendable (HealthCheck.Part) async -> HealthFinding

    static let pause = Duration.seconds(1)

    init(_ check: @escaping @Sendable (HealthCheck.Part) async -> HealthFinding) {
        self.check = check
    }

    /// Starts each check that does not run, once a second. Never waits.
    func run(at now: BootTime) {
        let free = state.withLock { state -> [HealthCheck.Part] in
            if let next = state.next, now < next { return [] }
            state.next = now + Self.pause
            let free = HealthCheck.Part.allCases.filter { !state.running.contains($0) }
            state.running.formUnion(free)
            return free
        }
        for part in free {
            Task {
                let finding = await check(part)
                state.withLock { state in
                    state.findings[part] = finding
                    state.running.remove(part)
                }
            }
        }
    }

    /// All parts, each with the last finding as it counts now.
    func checks(at now: BootTime) -> [HealthCheck] {
        let findings = state.withLock { $0.findings }
        return HealthCheck.Part.allCases.map { HealthCheck($0, findings[$0], at: now) }
    }
}
