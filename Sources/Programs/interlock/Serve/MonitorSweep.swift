import InterlockAdministration
import InterlockGovernor
import InterlockModel
import InterlockPorts
import InterlockStore
import Synchronization

/// What is looked after once a second for people who watch: what agents were seen to use is kept, figures are
/// brought up to date.
struct MonitorSweep: Sendable {
    private let gateway: Gateway
    private let alerts: NotificationService
    private let store: SQLiteStore
    private let alarms: AlertDispositionService

    init(_ gateway: Gateway, _ alerts: NotificationService, _ store: SQLiteStore) {
        self.gateway = gateway
        self.alerts = alerts
        self.store = store
        alarms = AlertDispositionService(gateway: gateway, store: store)
    }

    func sweep() async {
        do throws(StoreFailure) { try await gateway.monitor.keepSightings(in: store) } catch {
            log(
                LogLine(
                    "what agents use cannot be kept: \(error.reason)", .warning, part: "monitoring")
            )
        }
        do throws(StoreFailure) {
            try await gateway.monitor.keepBaselines(in: store, at: gateway.clock.now)
        } catch {
            log("what is normal for agents cannot be kept: \(error.reason)")
        }
        gateway.alarmBoard.replace(channels: await alerts.standings())
        // A page of alarms is read for it.
        if gateway.clock.boot.microseconds / 1_000_000 % 60 == 0 {
            await alarms.refreshFigures()
        }
    }
}
