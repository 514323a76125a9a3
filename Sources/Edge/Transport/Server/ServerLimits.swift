/// The limits and timeouts of a listener.
package struct ServerLimits: Sendable {
    /// The maximum number of connections; further ones get 503 and are closed.
    package var connections = 4096
    /// True if a new connection may take the place of an idle one, by `PlaceShares`. Requires a listener on one loop.
    package var sharesPlaces = false
    /// The time from accept to the end of the TLS handshake.
    package var handshake = Duration.seconds(10)
    /// The maximum number of simultaneous TLS handshakes; further connections are closed.
    package var handshakes = 256
    /// The time from a head's first byte to its last.
    package var head = Duration.seconds(10)
    /// The time without a byte of an incomplete body.
    package var bodyProgress = Duration.seconds(30)
    /// The time from a head's end to the last byte of its body, regardless of progress.
    package var body = Duration.seconds(600)
    /// The memory for all bodies together, in bytes; a body above the rest gets 503.
    package var bodyBytes = 256 << 20
    /// The memory for the bodies of one source (a local user, an address), in bytes; a body above it gets 503. Is nil if a
    /// source may use all of `bodyBytes`.
    package var bodyBytesOfSource: Int?
    /// The time without a request on an open connection.
    package var idle = Duration.seconds(75)
    /// The time for idle connections and for bodies once at most an eighth of the places is left.
    package var idleWhenShort = Duration.seconds(5)
    /// The time without the client accepting a byte of a response.
    package var writeProgress = Duration.seconds(30)
    /// The interval of comments on an event stream.
    package var eventKeepAlive = Duration.seconds(15)
    /// The time for which a refused client may continue to send before the connection is cut, so that it can read the
    /// response.
    package var linger = Duration.seconds(2)
    /// The maximum size of events that the client has not accepted; above it the connection is cut.
    package var pendingEventBytes = 4 * 1024 * 1024

    package init() {}
}
