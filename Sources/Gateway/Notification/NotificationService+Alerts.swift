import InterlockAlerts
import InterlockJSON
import InterlockModel
import InterlockPorts
import Synchronization

extension NotificationService {
    /// Stores an alert for triage, and notifies the operators and the agent's owner of it.
    func take(_ alarm: RaisedAlert) async {
        var kept = alarm
        kept.severity = alarm.severity ?? DefaultSeverity.of(alarm.code) ?? .info
        do throws(StoreFailure) { try await ports.alarms?.keep(kept) } catch {
            ports.warn("the alarm \(alarm.code) cannot be kept: \(error.reason)")
        }
        guard alarm.isTold, let severity = alarm.severity ?? DefaultSeverity.of(alarm.code) else {
            return
        }
        await tell(alarm, as: alarm.code, severity, alarm.text, id: alarm.id)
        guard let owner = alarm.agent.flatMap(ports.owner) else { return }
        await tell(alarm, as: alarm.code, severity, alarm.text, to: owner)
    }

    /// Notifies operators, with severity `page`, of each alert of severity `high` or above that has had no disposition
    /// for a day. Searches at most once a minute and notifies once of each alert, of the oldest first: however many
    /// others were raised since, each has its turn.
    func escalate() async {
        guard let alarms = ports.alarms else { return }
        let now = ports.clock.now
        let isDue = looked.withLock { looked in
            if let last = looked, now.boot < last + .seconds(60) { return false }
            looked = now.boot
            return true
        }
        guard isDue else { return }
        do throws(StoreFailure) {
            let overdue = try await alarms.unanswered(
                since: now.wall - Self.escalatedUntil, until: now.wall - Self.escalatedAfter,
                most: Self.mostInRound)
            for alarm in overdue {
                await tell(
                    alarm, as: OutgoingNotification.overdue, .page,
                    "no disposition was recorded for a day: \(alarm.text.text)")
                var noted = alarm
                noted.isEscalated = true
                try await alarms.keep(noted)
            }
        } catch { ports.warn("undisposed alarms cannot be read: \(error.reason)") }
    }

    static let escalatedAfter: Duration = .seconds(86_400)
    private static let escalatedUntil: Duration = .seconds(8 * 86_400)
    private static let mostInRound = 1000

    /// - Parameter person: the recipient, by the channels that write to people; if nil, operators are notified.
    private func tell(
        _ alarm: RaisedAlert, as kind: String, _ severity: AlertSeverity,
        _ summary: NotificationText, id: AlertID? = nil, to person: Person? = nil
    ) async {
        let recipient = person.flatMap { MailAddress($0.address) }
        if person != nil, recipient == nil { return }
        guard
            var alert = OutgoingNotification(
                id: id ?? ports.newID(), dedupe: "\(kind)/\(alarm.subject)".asKey,
                severity: severity, kind: kind, at: ports.clock.wall, summary: summary)
        else { return }
        if let agent = alarm.agent {
            alert = alert.with("agent", .string(agent.text))
            if let owner = ports.owner(agent) {
                alert = alert.with("owner", .string(owner.address))
            }
        }
        if let run = alarm.run { alert = alert.with("run", .string(run.text)) }
        if let records = routes.records(of: alarm) { alert = alert.with("records", records) }
        if let url = routes.page(of: alarm) { alert = alert.with("url", .string(url)) }
        if let response = alarm.response { alert = alert.with("response", .string(response)) }
        if alert.id != alarm.id { alert = alert.with("alarm", .string(alarm.id.text)) }
        guard let recipient else { return await send(alert, to: routes.operators(severity)) }
        await send(
            alert.with(OutgoingNotification.recipientFact, .string(recipient.text)),
            to: routes.personal)
    }
}

extension OutgoingNotification {
    static let overdue = "alarm.overdue"
    static let test = "alerts.test"
}
