package import InterlockAlerts
import InterlockJSON
import InterlockModel
package import InterlockPorts

/// A channel that writes to people, with a link by which each recipient can deny the request. The link is made when a
/// mail is sent and is stored in no file.
package struct LinkedChannel: NotificationChannel {
    private let channel: any NotificationChannel
    private let links: DenialLinkService
    private let console: String

    /// - Parameter console: the console's base URL, such as `https://interlock.example`.
    package init(_ channel: any NotificationChannel, _ links: DenialLinkService, console: String) {
        self.channel = channel
        self.links = links
        self.console = console
    }

    package var name: ChannelName { channel.name }

    package func send(_ alert: OutgoingNotification, held: Int) async -> DeliveryResult {
        guard let recipient = alert.recipient, let request = alert.request,
            ApprovalNotification.Kind(rawValue: alert.kind)?.asks == true
        else { return await channel.send(alert, held: held) }
        do throws(StoreFailure) {
            guard let token = try await links.token(for: request, to: recipient) else {
                return await channel.send(alert, held: held)
            }
            let linked = alert.with("deny", .string(console + token.path))
            return await channel.send(linked, held: held)
        } catch { return .failed("its link cannot be kept: \(error.reason)") }
    }
}
