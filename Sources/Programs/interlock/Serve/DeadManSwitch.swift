import InterlockAdministration
import InterlockAlerts
import InterlockCommandLine
import InterlockConfiguration
import InterlockDeployment
import InterlockLogReading
import InterlockModel
import InterlockNotification
import InterlockPorts
import InterlockTransport

/// Sends a message at a fixed interval that this node is alive, signed by the log's key. The receiver raises an alert
/// if the message is missing. A failed message is not repeated: the next one replaces it.
struct DeadManSwitch: Sendable {
    let statements: AliveStatements
    let settings: DeadManSettings
    let fetcher: DocumentFetcher

    /// Runs until its task is cancelled.
    func run() async {
        var isHeard = true
        while !Task.isCancelled {
            let failure = await say()
            if let failure, isHeard {
                log(
                    "`alerts.deadman` was not told that this gateway is alive: \(failure)",
                    .warning, part: "alerts")
            }
            isHeard = failure == nil
            try? await Task.sleep(for: settings.every)
        }
    }

    /// - Returns: the reason that the message was not delivered, or nil.
    private func say() async -> String? {
        guard let envelope = await statements.statement() else { return "it has no form" }
        switch DeliveryResult(await fetcher.deliver(envelope.bytes, to: settings.url, [])) {
        case .delivered: return nil
        case .failed(let reason), .refused(let reason): return reason
        }
    }
}
