package import InterlockAlerts
package import InterlockModel

/// A means to reach people, identified by its name in the configuration.
package protocol NotificationChannel: Sendable {
    var name: ChannelName { get }
    /// Returns within a minute, whatever the receiver does.
    /// - Parameter held: the number of earlier notifications with the same key that were not delivered.
    func send(_ alert: OutgoingNotification, held: Int) async -> DeliveryResult
}

/// The queue of notifications that await delivery. Each method returns when its change is durable.
package protocol NotificationStore: Sendable {
    /// - Throws: also if the channel already holds this notification.
    func keep(_ entry: QueuedNotification, for channel: ChannelName) async throws(StoreFailure)
    /// Returns every notification that its channel has not received, oldest first.
    func waiting() async throws(StoreFailure) -> [(channel: ChannelName, entry: QueuedNotification)]
    /// Records the result of a delivery attempt.
    /// - Parameter entry: the entry with its next attempt, or nil if delivery in this channel has ended.
    func settle(_ id: AlertID, in channel: ChannelName, as entry: QueuedNotification?)
        async throws(StoreFailure)
}

/// The names of conditions that people were notified of. Each method returns when its change is durable.
package protocol NoticeStore: Sendable {
    /// Stores these names until `end` and deletes names that have expired at `now`.
    func note(told names: [String], until end: Timestamp, now: Timestamp) async throws(StoreFailure)
    /// Returns those of the names that are stored.
    func told(among names: [String]) async throws(StoreFailure) -> Set<String>
}

/// The denial links that were sent to people. Each method returns when its change is durable.
package protocol DenialLinkStore: Sendable {
    /// Stores a link and deletes expired ones. A link that is stored already stays unchanged.
    func keep(_ link: DenialLink, now: Timestamp) async throws(StoreFailure)
    /// Returns nil if the hash is unknown, spent or expired. Writes nothing.
    func link(_ hash: Digest, now: Timestamp) async throws(StoreFailure) -> DenialLink?
    /// - Returns: false if the link was spent before.
    func spend(_ hash: Digest) async throws(StoreFailure) -> Bool
}

/// A denial link as the store holds it: only the token's hash, with the request, the person and the expiry.
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
