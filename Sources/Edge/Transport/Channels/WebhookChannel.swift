package import InterlockAlerts
import InterlockJSON
package import InterlockModel
import InterlockPorts

/// `webhook`: the notification by HTTPS POST, signed so that the receiver can verify its origin and age.
package struct WebhookChannel: NotificationChannel {
    package let name: ChannelName
    private let url: String
    private let fetcher: DocumentFetcher
    private let secret: ChannelSecret
    private let code: @Sendable (_ key: [UInt8], _ message: [UInt8]) -> [UInt8]
    private let clock: any Clock

    /// - Parameter code: computes HMAC-SHA256.
    package init(
        _ name: ChannelName, url: String, fetcher: DocumentFetcher, secret: @escaping ChannelSecret,
        code: @escaping @Sendable (_ key: [UInt8], _ message: [UInt8]) -> [UInt8],
        clock: any Clock
    ) {
        self.name = name
        self.url = url
        self.fetcher = fetcher
        self.secret = secret
        self.code = code
        self.clock = clock
    }

    package func send(_ alert: OutgoingNotification, held: Int) async -> DeliveryResult {
        switch await secret() {
        case .failure(let failure): return .failed(failure.reason)
        case .success(let secret):
            let counted = held > 0 ? alert.with("held", .integer(Int64(held))) : alert
            let message = WebhookMessage(counted.json, now: clock.wall) {
                code(Array(secret.utf8), $0)
            }
            return DeliveryResult(
                await fetcher.deliver(
                    message.body, to: url, [("Interlock-Signature", message.signature)]))
        }
    }
}

/// `slack`: an incoming webhook whose address is the secret.
package struct SlackChannel: NotificationChannel {
    package let name: ChannelName
    private let fetcher: DocumentFetcher
    private let address: ChannelSecret

    package init(_ name: ChannelName, fetcher: DocumentFetcher, address: @escaping ChannelSecret) {
        self.name = name
        self.fetcher = fetcher
        self.address = address
    }

    package func send(_ alert: OutgoingNotification, held: Int) async -> DeliveryResult {
        switch await address() {
        case .failure(let failure): return .failed(failure.reason)
        case .success(let url):
            return DeliveryResult(
                await fetcher.deliver(SlackMessage(alert, held: held).body, to: url, []))
        }
    }
}
