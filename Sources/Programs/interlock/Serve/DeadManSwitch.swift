import InterlockAdministration
import InterlockAlerts
import InterlockGovernor
import InterlockJSON
import InterlockKeys
import InterlockModel
import InterlockPorts
import InterlockTransport

/// Says every minute that this node is alive, signed by the log's key: whoever hears it alarms when it stays away.
/// What cannot be said is not tried again: the next one says more.
struct DeadManSwitch: Sendable {
    private let gateway: Gateway
    private let alerts: NotificationService
    private let key: @Sendable () -> Ed25519PrivateKey
    private let origin: String
    private let settings: DeadManSettings
    private let fetcher: DocumentFetcher

    /// - Parameter key: the log's present one, asked for each time.
    init(
        _ gateway: Gateway, _ alerts: NotificationService, origin: String,
        _ settings: DeadManSettings,
        _ fetcher: DocumentFetcher, key: @escaping @Sendable () -> Ed25519PrivateKey
    ) {
        self.gateway = gateway
        self.alerts = alerts
        self.origin = origin
        self.settings = settings
        self.fetcher = fetcher
        self.key = key
    }

    /// Until its task is cancelled.
    func run() async {
        var isHeard = true
        while !Task.isCancelled {
            let failure = await say()
            if let failure, isHeard {
                log(
                    LogLine(
                        "`alerts.deadman` was not told that this gateway is alive: \(failure)",
                        .warning, part: "alerts"))
            }
            isHeard = failure == nil
            try? await Task.sleep(for: settings.every)
        }
    }

    /// - Returns: why it was not heard.
    private func say() async -> String? {
        let waiting = await alerts.standings().reduce(0) { $0 + $1.waiting }
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

/// `alerts.deadman`
struct DeadManSettings: Sendable, Equatable {
    let url: String
    var every: Duration = .seconds(60)

    static let bounds = 5...60
}
