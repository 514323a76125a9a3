/// The limits of a run's proxy (docs/specs/sandbox.md, section 7).
package struct EgressLimits: Sendable {
    /// The connections that are served at a time.
    package var connections = 64
    /// The accepted connections that wait for one of these to end; further ones are refused.
    package var waiting = 128
    /// The time from the start of service to the end of the request head.
    package var head = Duration.seconds(10)
    /// The time from the proxy's answer to the end of the ClientHello.
    package var clientHello = Duration.seconds(10)
    /// The time for all addresses of a host together.
    package var connect = Duration.seconds(10)
    /// The time without a byte in either direction.
    package var idle = Duration.seconds(120)
    /// The time for a look-up.
    package var resolve = Duration.seconds(5)
    /// The time for a client to take the answer to its request.
    package var answer = Duration.seconds(10)
    /// The time for which a refused client may continue to send, so that it can read the answer.
    package var linger = Duration.seconds(1)

    package init() {}
}
