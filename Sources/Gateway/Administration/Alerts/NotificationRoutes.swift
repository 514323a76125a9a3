package import InterlockAlerts
import InterlockModel

/// Which channels hear of what (`approval_service.notify` and `alerts.channels`).
package struct NotificationRoutes: Sendable {
    /// Of requests for approval.
    package var notify: Set<ChannelName> = []
    /// Those that write to each person by mail.
    package var personal: Set<ChannelName> = []
    /// The channel `ops`, where it is configured: of all alarms.
    package var ops: Set<ChannelName> = []
    /// Of what is to wake somebody.
    package var pages: Set<ChannelName> = []
    /// `https://interlock.example`; nil without a console.
    package var console: String?
    package var showsArguments = false

    package init() {}

    /// What goes to operators: to `ops`, and if it is to wake somebody to each channel for that.
    func operators(_ severity: AlertSeverity) -> Set<ChannelName> {
        severity == .page ? ops.union(pages) : ops
    }

    func page(of request: ApprovalNotification) -> String? {
        console.map { $0 + "/approvals/" + request.request.shown }
    }
}

/// How soon somebody has to look at an alarm (specs of limits and monitoring, section 11).
enum DefaultSeverity {
    /// nil for what people are told of otherwise, or need not be told at all.
    static func of(_ code: String) -> AlertSeverity? {
        if told.contains(code) { return nil }
        if pages.contains(code) { return .page }
        return low.contains(code) ? .low : .high
    }

    /// Who may decide hears of these by `ApprovalNotification`.
    private static let told: Set = [
        "approval.rejected", "approval.escalated", "approval.unreachable",
    ]
    /// The switch, the log or the lock cannot be relied on.
    private static let pages: Set = [
        "kill.fault", "kill.refused", "kill.left", "kill.violation", "kill.detectors",
        "drill.failed", "lock.refused", "approval.unsettled", "quarantine.unkept",
        "ledger.refusing", "ledger.still", "passkey.counter_went_back", "approval.break_glass",
    ]
    private static let low: Set = [
        "call.blocked", "payload.erasure_finished", "elevation.unfit", "upstream.sign_in_answer",
    ]
}
