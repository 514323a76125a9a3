import InterlockAlerts
import InterlockModel
import Synchronization

extension Outbox {
    /// Tells what was held back long enough, also when nothing follows it. Called every second.
    package func tellHeld() async {
        let now = tools.clock.now.wall
        let found = groupings.withLock { groupings in
            groupings.keys.map { address in
                (address, groupings[address]?.due(now: now) ?? ([], 0))
            }.filter { !$0.1.alerts.isEmpty || $0.1.storm > 0 }
        }
        for (address, due) in found {
            for (alert, held) in due.alerts { await tellLate(alert, held, address, now) }
            guard due.storm > 0 else { continue }
            let id = AlertID(milliseconds: now.milliseconds, random: tools.entropy.bytes(10))
            let storm = Alert.storm(id, count: due.storm, at: now, to: address.recipient)
            if let storm { await tellLate(storm, 0, address, now) }
        }
    }

    private func tellLate(
        _ alert: Alert, _ held: Int, _ address: Address, _ now: Timestamp
    ) async {
        do throws(StoreFailure) {
            try await keep(alert, held, for: address.channel, now)
        } catch {
            give(up: alert, address.channel, .unkept, error.reason)
        }
    }
}
