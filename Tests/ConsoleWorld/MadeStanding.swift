package import InterlockAdministration
package import InterlockAlerts
package import InterlockModel

/// How a house stands that does not exist; what it tells can be changed.
package final class MadeStanding: StandingSource {
    package let news = NewsBoard()
    package let isPolicyUnsigned: Bool
    private let standing: @Sendable (Sight) -> NowStanding

    package init(
        isPolicyUnsigned: Bool = false, _ standing: @escaping @Sendable (Sight) -> NowStanding
    ) {
        self.isPolicyUnsigned = isPolicyUnsigned
        self.standing = standing
    }

    package var halts: [HaltOrder] { standing(Self.nobody).halts }
    package func now(for sight: Sight) async -> NowStanding { standing(sight) }
    package func changes() -> AsyncStream<Void> { news.changes() }

    private static let nobody = Sight(
        person: Person(localUser: 0), roles: [], own: [])

    package static func standing(
        runs: [RunStanding] = [], halts: [HaltOrder] = [], alarms: [RaisedAlarm]? = [],
        unreadAlarms: Int = 0, faults: [String] = []
    ) -> NowStanding {
        var hour = LastHour()
        hour.note(
            allowed: 12, denied: 3,
            at: Moment(wall: ConsoleOffice.start, boot: BootTime(microseconds: 0)))
        return NowStanding(
            at: ConsoleOffice.start, runs: runs, openRuns: 4, callsInFlight: runs.count, pending: 2,
            halts: halts, alarms: alarms, unreadAlarms: unreadAlarms, hour: hour,
            log: LogStanding(
                size: 77, root: ConsoleOffice().hashing.sha256([9]), refusing: nil, witnesses: nil),
            faults: faults)
    }
}
