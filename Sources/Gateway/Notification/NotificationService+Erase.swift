import InterlockAlerts
import InterlockJSON
package import InterlockLedger
import InterlockModel
package import InterlockPorts

extension NotificationService {
    /// Removes the waiting notifications that show arguments of erased runs. Those that a channel has received already are
    /// outside the gateway.
    package func erase(_ erasure: Erasure) async throws(StoreFailure) {
        try await outbox.remove { notification in
            notification.facts["arguments"] != nil
                && notification.facts["run"]?.string.flatMap { RunID($0) }
                    .map { erasure.covers(.run($0)) } ?? false
        }
    }
}
