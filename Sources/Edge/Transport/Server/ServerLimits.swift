/// Bounds and patience of a listener.
package struct ServerLimits: Sendable {
    /// Connections at once; above, a connection gets 503 and is closed.
    package var connections = 4096
    /// Whether a newcomer takes the place of an idle connection, by `PlaceShares`. Requires a listener on one loop.
    package var sharesPlaces = false
    /// From accept to the end of the TLS handshake.
    package var handshake = Duration.seconds(10)
    /// TLS handshakes under way at once; above, a connection is closed.
    package var handshakes = 256
    /// From a head's first byte to its last.
    package var head = Duration.seconds(10)
    /// Without a byte of a body that is still missing.
    package var bodyProgress = Duration.seconds(30)
    /// From a head's end to the last byte of its body, whatever progress there is.
    package var body = Duration.seconds(600)
    /// Without a request on an open connection.
    package var idle = Duration.seconds(75)
    /// The same, and the time of a body, once an eighth of the places is left, or less.
    package var idleWhenShort = Duration.seconds(5)
    /// Without the client taking a byte of an answer.
    package var writeProgress = Duration.seconds(30)
    /// Between two comments on an event stream.
    package var eventKeepAlive = Duration.seconds(15)
    /// How long a refused client may go on sending before the connection is cut, so that it can read
    /// the answer.
    package var linger = Duration.seconds(2)
    /// Events not yet taken by the client; above, the connection is cut.
    package var pendingEventBytes = 4 * 1024 * 1024

    package init() {}
}
