package import InterlockAlerts
package import InterlockModel

/// The delivery status of a channel, for `interlock status`.
package struct ChannelStatus: Sendable, Equatable {
    package let channel: ChannelName
    package var waiting = 0
    package var delivered = 0
    /// The number of notifications given up since the start.
    package var undelivered = 0
    /// The reason why the last attempt failed, or nil after a successful delivery.
    package var problem: String?
    package var since: Timestamp?

    package init(channel: ChannelName) { self.channel = channel }
}
