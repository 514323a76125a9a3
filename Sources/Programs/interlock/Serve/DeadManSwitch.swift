import InterlockAdministration
import InterlockAlerts
import InterlockConfiguration
import InterlockCredentials
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockTransport

/// Sends a message at a fixed interval that this node is alive, signed by the log's key. The receiver raises an alert
/// if the message is missing. A failed message is not repeated: the next one replaces it.
struct DeadManSwitch: Sendable {
    let gateway: Gateway
    let alerts: NotificationService
    let origin: String
    let settings: DeadManSettings
    let fetcher: DocumentFetcher
    /// Returns the log's current key; called for each message.
    let key: @Sendable () -> Ed25519PrivateKey

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
        let waiting = await alerts.statuses().reduce(0) { $0 + $1.waiting }
        let message = AliveMessage(
            origin: origin, at: gateway.clock.wall, size: gateway.ledger.status.size,
            isHalted: gateway.halts.halts.halt(of: .org) != nil, waiting: waiting)
        guard let payload = try? message.json.canonical() else { return "it has no form" }
        let key = key()
        let signed = preAuthenticationEncoding(PayloadType.alive.text, payload)
        let envelope = Envelope(
            payloadType: .alive, payload: payload,
            signatures: [.key(key.publicKey, key.sign(signed))])
        switch DeliveryResult(await fetcher.deliver(envelope.bytes, to: settings.url, [])) {
        case .delivered: return nil
        case .failed(let reason), .refused(let reason): return reason
        }
    }
}
