package import InterlockAlerts
package import InterlockModel

/// One way to reach people, by its name in the configuration.
package protocol NotificationChannel: Sendable {
    var name: ChannelName { get }
    /// Ends within a minute, whatever the other side does.
    /// - Parameter held: earlier alerts of the same key that nobody was told of.
    func send(_ alert: OutgoingNotification, held: Int) async -> DeliveryResult
}

/// Where alerts wait for their channels. Each method returns when its change is durable.
package protocol NotificationStore: Sendable {
    /// - Throws: also when the channel has that alert already.
    func keep(_ entry: QueuedNotification, for channel: ChannelName) async throws(StoreFailure)
    /// Everything that no channel has had yet, oldest first.
    func waiting() async throws(StoreFailure) -> [(channel: ChannelName, entry: QueuedNotification)]
    /// One more try was made, or was the last.
    /// - Parameter entry: nil when nothing more is to be done for it in this channel.
    func settle(
        _ id: AlertID, in channel: ChannelName, as entry: QueuedNotification?
    ) async throws(StoreFailure)
}

/// What people were told of. Each method returns when its change is durable.
package protocol NoticeStore: Sendable {
    /// Keeps these names until then. Names whose time is over are forgotten.
    func note(
        told names: [String], until end: Timestamp, now: Timestamp
    ) async throws(StoreFailure)
    /// Those of the names that were noted.
    func told(among names: [String]) async throws(StoreFailure) -> Set<String>
}

/// The links that people were given. Each method returns when its change is durable.
package protocol DenialLinkStore: Sendable {
    /// Keeps a link that is there already as it is. Links whose time is over are forgotten.
    func keep(_ link: DenialLink, now: Timestamp) async throws(StoreFailure)
    /// nil for a hash that is not there, was spent, or whose time is over. Writes nothing.
    func link(_ hash: Digest, now: Timestamp) async throws(StoreFailure) -> DenialLink?
    /// - Returns: false when it was spent before.
    func spend(_ hash: Digest) async throws(StoreFailure) -> Bool
}

/// A link of a mail as the store knows it: the token's hash alone, what it is for, and its end.
package struct DenialLink: Hashable, Sendable {
    package let hash: Digest
    package let request: ApprovalID
    package let person: Pseudonym
    package let expires: Timestamp

    package init(hash: Digest, request: ApprovalID, person: Pseudonym, expires: Timestamp) {
        self.hash = hash
        self.request = request
        self.person = person
        self.expires = expires
    }
}
