package import InterlockAdministration
package import InterlockAlerts
package import InterlockEvidence
package import InterlockModel
package import InterlockPorts

/// The status of a synthetic gateway, supplied by a closure.
package final class StatusStub: StatusQueries {
    package let topics = ChangeNotifier<Void>()
    package let isPolicyUnsigned: Bool
    private let weakPoints: [WeakPoint]
    private let answer: @Sendable (Visibility) -> GatewayStatus

    package init(
        isPolicyUnsigned: Bool = false, weakPoints: [WeakPoint] = [],
        _ status: @escaping @Sendable (Visibility) -> GatewayStatus
    ) {
        self.isPolicyUnsigned = isPolicyUnsigned
        self.weakPoints = weakPoints
        answer = status
    }

    package var halts: [HaltOrder] { answer(Self.nobody).halts }
    package var checks: [HealthCheck] { answer(Self.nobody).checks }
    package func now(for visibility: Visibility) async -> GatewayStatus { answer(visibility) }
    package func health(for visibility: Visibility) async -> GatewayHealth {
        let status = answer(visibility)
        return GatewayHealth(at: status.at, checks: status.checks, weakPoints: weakPoints)
    }
    package func changes() -> AsyncStream<Void> { topics.changes() }

    private static let nobody = Visibility(
        person: Person(localUser: 0), roles: [], own: [])

    package static func status(
        runs: [RunStatus] = [], halts: [HaltOrder] = [], alarms: [RaisedAlert]? = [],
        unreadAlarms: Int = 0, faults: [String] = [],
        checks: [HealthCheck] = HealthCheck.Part.allCases.map {
            HealthCheck($0, .working, "yes", age: .seconds(3))
        }
    ) -> GatewayStatus {
        var hour = LastHour()
        hour.note(
            allowed: 12, denied: 3,
            at: ClockReading(wall: ConsoleOffice.start, boot: BootTime(microseconds: 0)))
        return GatewayStatus(
            at: ConsoleOffice.start, runs: runs, openRuns: 4, callsInFlight: runs.count, pending: 2,
            halts: halts, alarms: alarms, unreadAlarms: unreadAlarms, hour: hour,
            log: LogStatus(
                size: 77, root: ConsoleOffice().hashing.sha256([9]), refusing: nil, witnesses: nil),
            faults: faults, checks: checks)
    }
}
