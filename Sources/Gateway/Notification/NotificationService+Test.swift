package import InterlockAlerts
import InterlockModel
import InterlockPorts
import Synchronization

extension NotificationService {
    /// Every configured channel.
    var channels: Set<ChannelName> { outbox.names }

    /// Sends a test through channels, so that a broken one is known before it matters.
    ///
    /// - Returns: the channels that it was handed to; empty if `channel` is not configured.
    package func test(_ channel: ChannelName? = nil) async -> [ChannelName] {
        let names = channels.filter { channel == nil || $0 == channel }
        let now = ports.clock.wall
        for name in names.sorted() {
            let alert = OutgoingNotification(
                // A key of its own, so that grouping holds back no test because of an earlier one.
                id: ports.newID(),
                dedupe: "\(OutgoingNotification.test)/\(name)/\(now.microseconds)",
                severity: .info, kind: OutgoingNotification.test, at: now,
                summary: "a test of this channel: nothing has happened")
            if let alert { await send(alert, to: [name]) }
        }
        return names.sorted()
    }

    /// Sends a test through all channels once a week. A week that no recorded week precedes only records itself, so a
    /// new deployment sends no test in its first week.
    func testWeekly() async {
        let now = ports.clock.wall
        let week = now.seconds / Self.weekSeconds
        guard tested.withLock({ $0 != week }) else { return }
        let (name, before) = (
            "\(OutgoingNotification.test)/\(week)", "\(OutgoingNotification.test)/\(week - 1)"
        )
        do throws(StoreFailure) {
            let told = try await ports.notices.told(among: [name, before])
            tested.withLock { $0 = week }
            guard !told.contains(name) else { return }
            try await ports.notices.note(
                told: [name], until: now + .seconds(3 * Self.weekSeconds), now: now)
            if told.contains(before) { _ = await test() }
        } catch { ports.warn("the weekly test of channels cannot be noted: \(error.reason)") }
    }

    private static let weekSeconds: Int64 = 7 * 86_400
}
