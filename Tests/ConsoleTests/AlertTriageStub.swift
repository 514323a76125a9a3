import InterlockAlerts
import InterlockConsoleWorld
import InterlockModel
import InterlockNotification
import InterlockPorts
import Synchronization

@testable import InterlockAPI
@testable import InterlockAdministration
@testable import InterlockConsole
@testable import InterlockEvidence

/// Synthetic alerts; every text that could come from outside is hostile.
final class AlertTriageStub: AlertTriage {
    let alarms: [RaisedAlert]
    /// The number of stored alerts that cannot be read.
    let unread: Int
    /// The state of each alert's delivery in the only channel; nil if there is no channel.
    let delivery: AlertDelivery.State?
    let said = Mutex<[(Disposition?, String, AlertDispositionService.IncidentStep)]>([])
    let refusal = Mutex<AlertTriageRefusal?>(nil)

    init(_ count: Int = 3, unread: Int = 0, delivery: AlertDelivery.State? = .unknown) {
        self.unread = unread
        self.delivery = delivery
        alarms = (0..<count).map { number in
            var alarm = RaisedAlert(
                id: Self.id(number), code: "detector.calls",
                subject: PolicyShelf.texts[number % PolicyShelf.texts.count],
                at: ConsoleOffice.start)
            alarm.agent = AgentName(number == 1 ? "triage" : "refunds")
            alarm.severity = .high
            alarm.series = "calls"
            alarm.detectors = ["ewma"]
            alarm.response = PolicyShelf.texts[0]
            alarm.window = AlertWindow(
                seconds: 60, count: 90, expected: 7, before: [6, 8, 7],
                readings: [
                    AlertWindow.Reading(
                        detector: "ewma", statistic: 1.25, threshold: -0.007, isOver: true)
                ])
            return alarm
        }
    }

    static func id(_ number: Int) -> AlertID {
        AlertID(
            milliseconds: 1,
            random: [UInt8](repeating: 7, count: 8) + [UInt8(number >> 8), UInt8(number & 255)])
    }

    func alarms(
        _ filter: AlertFilter, page: Int, for visibility: Visibility
    ) async throws(AlertTriageRefusal) -> TriagePage {
        let found = filter.sorted(
            alarms.filter { filter.passes($0) && ($0.agent.map(visibility.sees) ?? false) })
        return TriagePage(
            alarms: Array(
                found.dropFirst((page - 1) * TriagePage.size).prefix(TriagePage.size)),
            count: found.count, unread: unread, incidents: [], channels: [],
            deliveries: Dictionary(found.map { ($0.id, deliveries) }) { first, _ in first })
    }

    func alarm(
        _ id: AlertID, for visibility: Visibility
    ) async throws(AlertTriageRefusal) -> AlertDetail {
        guard let alarm = alarms.first(where: { $0.id == id }), let agent = alarm.agent,
            visibility.sees(agent)
        else { throw .missing }
        return AlertDetail(
            alarm: alarm, owner: visibility.person, finder: nil, incidents: [],
            deliveries: deliveries,
            mayDispose: visibility.powers.contains(.security) || visibility.own.contains(agent))
    }

    private var deliveries: [AlertDelivery] {
        guard let delivery, let ops = ChannelName("ops") else { return [] }
        return [AlertDelivery(channel: ops, state: delivery)]
    }

    func dispose(
        of id: AlertID, as disposition: Disposition?, reason: String,
        _ step: AlertDispositionService.IncidentStep, by person: Pseudonym,
        with visibility: Visibility
    ) async throws(AlertTriageRefusal) {
        guard try await alarm(id, for: visibility).mayDispose else { throw .notTheirs }
        if let refusal = refusal.withLock({ $0 }) { throw refusal }
        said.withLock { $0.append((disposition, reason, step)) }
    }

    func detectors() async throws(AlertTriageRefusal) -> [DetectorStatistics] {
        [
            DetectorStatistics(
                name: "ewma", alarms: 9, judged: 4, real: 3, precision: 75, interval: 30...95)
        ]
    }
}
