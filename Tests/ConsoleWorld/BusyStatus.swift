package import InterlockAdministration
import InterlockAlerts
import InterlockApprovals
package import InterlockEvidence
package import InterlockModel
import InterlockPorts
import Synchronization

/// The status of a synthetic gateway: busy, and full of hostile text.
package final class BusyStatus: StatusQueries {
    private struct State {
        var hour = LastHour()
        var allowed = 0
        var denied = 0
        var approved = 0
        var isHalted = false
        var states: [HealthCheck.Part: HealthCheck.State] = [:]
    }
    private let state = Mutex(State())
    private let topics = ChangeNotifier<Void>()
    private let office = ConsoleOffice()
    private let start: Timestamp
    private var isHalted: Bool { state.withLock { $0.isHalted } }

    /// - Parameter start: the end of an hour with allowed and refused calls.
    package init(at start: Timestamp = ConsoleOffice.start) {
        self.start = start
        for minute in 0..<LastHour.length {
            let wave = [38, 42, 55, 61, 47, 40, 35, 52][minute % 8]
            note(wave + minute / 4, minute % 7 == 3 ? 6 : minute % 3, minute: minute)
        }
    }

    private func note(_ allowed: Int, _ denied: Int, minute: Int) {
        let passed = Duration.seconds(60 * minute)
        let end = Duration.seconds(60 * (LastHour.length - 1))
        state.withLock { state in
            state.allowed += allowed
            state.denied += denied
            state.approved += allowed / 8
            state.hour.note(
                allowed: state.allowed, denied: state.denied, approved: state.approved,
                at: ClockReading(
                    wall: start - end + passed, boot: BootTime(microseconds: 0) + passed))
        }
    }

    /// Adds one refused call.
    package func refuse() {
        note(0, 1, minute: LastHour.length - 1)
        topics.tell()
    }

    /// Halts one agent; the log stops growing.
    package func halt() {
        state.withLock { $0.isHalted = true }
        topics.tell()
    }

    /// Gives one part another state, and the other parts the state `working`; nil gives it back.
    package func set(_ part: HealthCheck.Part, _ checkState: HealthCheck.State?) {
        state.withLock { $0.states = checkState.map { [part: $0] } ?? [:] }
        topics.tell()
    }

    package var isPolicyUnsigned: Bool { state.withLock { $0.states[.policy] == .attention } }
    package var problems: [HealthCheck] { checks.filter { $0.state == .problem } }

    package var halts: [HaltOrder] {
        guard isHalted,
            let order = try? HaltOrder(
                id: OrderID(milliseconds: 1, random: [UInt8](repeating: 3, count: 10)), org: "acme",
                target: .agent(agent("crm-sync")),
                reason: "it writes \(Hostile.texts[0]) into notes",
                author: office.voter(1).pseudonym, at: start - .seconds(240))
        else { return [] }
        return [order]
    }

    package func now(for visibility: Visibility) async -> GatewayStatus {
        GatewayStatus(
            at: start, runs: runs, openRuns: 41, callsInFlight: 5, pending: 73, halts: halts,
            alarms: alarms, hour: state.withLock { $0.hour },
            haltSpans: halts.map {
                HaltSpan(halt: $0.id, target: $0.target, start: $0.at)
            },
            log: LogStatus(
                size: 1_048_576, root: office.hashing.sha256([9]), refusing: nil,
                witnesses: [
                    .init(name: "witness.example/w1", secondsAgo: 2),
                    .init(name: "auditor.example/log", secondsAgo: 31),
                ]),
            faults: isHalted ? ["ledger: it has not grown for three beats"] : [],
            checks: checks)
    }

    package var checks: [HealthCheck] {
        let states = state.withLock { $0.states }
        guard states.isEmpty else {
            return HealthCheck.Part.allCases.map { part in
                HealthCheck(part, states[part] ?? .working, "as it was set", age: .seconds(1))
            }
        }
        return [
            HealthCheck(.policy, .working, "signed off", age: .seconds(1)),
            HealthCheck(
                .log, isHalted ? .problem : .working, Hostile.texts[0], age: .seconds(1)),
            HealthCheck(
                .witnesses, .notSetUp, "none is configured", remedy: "Add `one`.",
                age: .seconds(1)),
        ]
    }

    package func health(for visibility: Visibility) async -> GatewayHealth {
        GatewayHealth(at: start, checks: checks, weakPoints: checks.compactMap(WeakPoint.init))
    }

    package func changes() -> AsyncStream<Void> { topics.changes() }

    private var runs: [RunStatus] {
        let owners = office.people
        return [
            ("support-triage", "answer tickets of the support queue", 3),
            ("crm-sync", Hostile.texts[0] + Hostile.texts[3], 1), ("refunds", nil, 1),
        ].enumerated().map { place, run in
            RunStatus(
                run: RunID(
                    milliseconds: 1_795_000_000_000 - Int64(place),
                    random: [UInt8](repeating: UInt8(place), count: 10)),
                agent: agent(run.0), owner: owners[place % owners.count], purpose: run.1,
                calls: run.2, halt: isHalted && place == 1 ? halts.first?.id : nil)
        }
    }

    private var alarms: [RaisedAlert] {
        [("detectors.series", "crm-sync"), ("kill.refused", Hostile.texts[1])].enumerated().map {
            place, alarm in
            RaisedAlert(
                id: AlertID(milliseconds: Int64(place), random: [UInt8](repeating: 1, count: 10)),
                code: alarm.0, subject: alarm.1, at: start - .seconds(Int64(90 + 700 * place)))
        }
    }

    private func agent(_ name: String) -> AgentName {
        guard let name = AgentName(name) else { preconditionFailure("no name of an agent") }
        return name
    }
}
