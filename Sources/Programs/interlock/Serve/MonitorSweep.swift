import InterlockAdministration
import InterlockCommandLine
import InterlockGovernor
import InterlockModel
import InterlockNotification
import InterlockPorts
import Synchronization

/// The monitoring work of each second: stores what agents were seen to use, updates metrics, and returns memory after a
/// load.
struct MonitorSweep: Sendable {
    private let gateway: Gateway
    private let alerts: NotificationService
    private let store: any NodeStore
    private let alarms: AlertDispositionService

    init(_ gateway: Gateway, _ alerts: NotificationService, _ store: any NodeStore) {
        self.gateway = gateway
        self.alerts = alerts
        self.store = store
        alarms = AlertDispositionService(gateway: gateway, store: store)
    }

    func sweep() async {
        Heap.sweep(requests: gateway.counters.requests.value)
        do throws(StoreFailure) { try await gateway.monitors.agents.keepSightings(in: store) } catch
        {
            log("what agents use cannot be kept: \(error.reason)", .warning, part: "monitoring")
        }
        do throws(StoreFailure) {
            try await gateway.monitors.agents.keepBaselines(in: store, at: gateway.clock.now)
        } catch { log("what is normal for agents cannot be kept: \(error.reason)") }
        gateway.figures.alerts.replace(channels: await alerts.statuses())
        // Runs once a minute, because it reads a page of alerts.
        if gateway.clock.boot.microseconds / 1_000_000 % 60 == 0 {
            await alarms.refreshFigures()
        }
    }
}
