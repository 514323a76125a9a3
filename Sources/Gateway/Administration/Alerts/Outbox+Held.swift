import InterlockAlerts
import InterlockModel
import InterlockPorts
import Synchronization

extension Outbox {
    /// Sends what was held back long enough, even if no other notification of its key follows. Called every second.
    package func tellHeld() async {
        let now = tools.clock.wall
        let found = groupings.withLock { groupings in
            groupings.keys.compactMap { address in
                let due = groupings[address]?.due(now: now)
                // Otherwise one grouping of each channel and person would stay forever.
                if groupings[address]?.isIdle == true { groupings[address] = nil }
                return due.map { (address, $0) }
            }
        }
        for (address, due) in found {
            for (alert, held) in due.alerts { await tellLate(alert, held, address, now) }
            for storm in due.storms {
                let id = AlertID(milliseconds: now.milliseconds, random: tools.entropy.bytes(10))
                await tell(storm, id, address, now)
            }
        }
    }

    private func tellLate(
        _ alert: OutgoingNotification, _ held: Int, _ address: Address, _ now: Timestamp
    ) async {
        do throws(StoreFailure) {
            try await keep(alert, held, for: address.channel, now)
        } catch {
            give(up: alert, address.channel, .unkept, error.reason)
        }
    }
}
