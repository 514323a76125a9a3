/// The bounds of a pool of connections to the store.
package struct PoolSettings: Hashable, Sendable {
    /// The number of connections, each with one call in flight (`cluster.connections`).
    package var connections = 4
    /// The time of a call in all, waiting included (`store.deadline`).
    package var deadline = Duration.seconds(2)
    /// The most callers that wait for a connection.
    package var waiting = 1024
    /// The longest time between the loss of a connection and the attempt to make another one.
    package var jitter = Duration.seconds(1)

    package init() {}

    /// The longest time that a caller waits. The rest of the deadline belongs to its call: one that is sent with too little
    /// time left is late, and costs the connection.
    var wait: Duration { deadline / 2 }
}
