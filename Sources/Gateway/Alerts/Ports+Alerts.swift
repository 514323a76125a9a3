package import InterlockAlerts

/// One way to reach people, by its name in the configuration.
package protocol AlertChannel: Sendable {
    var name: ChannelName { get }
    /// Ends within a minute, whatever the other side does.
    /// - Parameter held: earlier alerts of the same key that nobody was told of.
    func send(_ alert: Alert, held: Int) async -> DeliveryResult
}

/// Where alerts wait for their channels. Each method returns when its change is durable.
package protocol AlertStore: Sendable {
    /// - Throws: also when the channel has that alert already.
    func keep(_ entry: WaitingAlert, for channel: ChannelName) async throws(StoreFailure)
    /// Everything that no channel has had yet, oldest first.
    func waiting() async throws(StoreFailure) -> [(channel: ChannelName, entry: WaitingAlert)]
    /// One more try was made, or was the last.
    /// - Parameter entry: nil when nothing more is to be done for it in this channel.
    func settle(
        _ id: AlertID, in channel: ChannelName, as entry: WaitingAlert?
    ) async throws(StoreFailure)
}
