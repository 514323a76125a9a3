package import InterlockAlerts
import InterlockJSON
import InterlockModel

/// The channels that receive each kind of notification (`approval_service.notify` and `alerts.channels`).
package struct NotificationRoutes: Sendable {
    /// The channels for approval requests.
    package var notify: Set<ChannelName> = []
    /// The channels that write to each person by mail.
    package var personal: Set<ChannelName> = []
    /// The channel `ops`, if it is configured; it receives every alert.
    package var ops: Set<ChannelName> = []
    /// The channels for notifications of severity `page`.
    package var pages: Set<ChannelName> = []
    /// The console's base URL, such as `https://interlock.example`, or nil without a console.
    package var console: String?
    /// The origin of the log that has the records of alerts, or nil if notifications name no records.
    package var log: String?
    package var showsArguments = false

    package init() {}

    /// Returns the channels for operators: `ops`, and for severity `page` also the paging channels.
    func operators(_ severity: AlertSeverity) -> Set<ChannelName> {
        severity == .page ? ops.union(pages) : ops
    }

    func page(of request: ApprovalNotification) -> String? {
        console.map { $0 + "/approvals/" + request.request.shown }
    }

    func page(of alert: RaisedAlert) -> String? { console.map { $0 + "/alerts/" + alert.id.text } }

    /// Returns the records of an alert as notifications name them: the log's origin and the leaf hash of each.
    func records(of alert: RaisedAlert) -> JSONValue? {
        guard let log, let record = alert.record else { return nil }
        return [["o": .string(log), "h": .string(record.base64)]]
    }
}

/// The severity of an alert that states none, by its code (docs/specs/limits-and-monitoring.md, section 11).
enum DefaultSeverity {
    /// Returns nil if the alert itself is not delivered, because approvers may be notified of the condition in another
    /// way.
    static func of(_ code: String) -> AlertSeverity? {
        if told.contains(code) { return nil }
        if pages.contains(code) { return .page }
        return low.contains(code) ? .low : .high
    }

    /// The codes of conditions that approvers are notified of by an `ApprovalNotification`.
    private static let told: Set = [
        "approval.rejected", "approval.escalated", "approval.unreachable",
    ]
    /// The codes that need a person at once, for instance because the kill switch or the log cannot be relied on.
    private static let pages: Set = [
        "kill.fault", "kill.refused", "kill.left", "kill.violation", "kill.detectors",
        "drill.failed", "selftest.failed", "lock.refused", "approval.unsettled",
        "quarantine.unkept",
        "ledger.refusing", "ledger.still", "passkey.counter_went_back", "approval.break_glass",
        "hook.bypassed", "hook.silent", "redaction.failed", "call.brokered_value",
        "call.canary", "eval.unsigned", "cluster.chain_broken", "cluster.not_repaired",
        "cluster.other_chain", "cluster.row_void",
    ]
    private static let low: Set = [
        "call.blocked", "payload.erasure_finished", "elevation.unfit", "upstream.sign_in_answer",
    ]
}
