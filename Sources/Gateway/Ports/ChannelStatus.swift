package import InterlockAlerts
package import InterlockModel

/// How a channel does, for `status`.
package struct ChannelStatus: Sendable, Equatable {
    package let channel: ChannelName
    package var waiting = 0
    package var delivered = 0
    /// Given up since the start.
    package var undelivered = 0
    /// Why the last try came to nothing; nil since one was delivered.
    package var problem: String?
    package var since: Timestamp?

    package init(channel: ChannelName) { self.channel = channel }
}
