package import InterlockAdministration
package import InterlockAlerts
package import InterlockModel

/// The status of a synthetic gateway, supplied by a closure.
package final class StatusStub: StatusQueries {
    package let news = ChangeNotifier()
    package let isPolicyUnsigned: Bool
    private let standing: @Sendable (Visibility) -> GatewayStatus

    package init(
        isPolicyUnsigned: Bool = false,
        _ standing: @escaping @Sendable (Visibility) -> GatewayStatus
    ) {
        self.isPolicyUnsigned = isPolicyUnsigned
        self.standing = standing
    }

    package var halts: [HaltOrder] { standing(Self.nobody).halts }
    package func now(for sight: Visibility) async -> GatewayStatus { standing(sight) }
    package func changes() -> AsyncStream<Void> { news.changes() }

    private static let nobody = Visibility(
        person: Person(localUser: 0), roles: [], own: [])

    package static func standing(
        runs: [RunStatus] = [], halts: [HaltOrder] = [], alarms: [RaisedAlert]? = [],
        unreadAlarms: Int = 0, faults: [String] = []
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
            faults: faults)
    }
}
