/// The limits of a run's proxy (docs/specs/sandbox.md, section 7).
package struct EgressLimits: Sendable {
    /// The connections that are served at a time.
    package var connections = 64
    /// The accepted connections that wait for one of these to end; further ones are refused.
    package var waiting = 128
    /// The time from the start of service to the end of the request head.
    package var head = Duration.seconds(10)
    /// The time for the body of a plain request that is read whole.
    package var body = Duration.seconds(30)
    /// The time from the proxy's answer to the end of the ClientHello.
    package var clientHello = Duration.seconds(10)
    /// The time for all addresses of a host together.
    package var connect = Duration.seconds(10)
    /// The time without a byte in either direction.
    package var idle = Duration.seconds(120)
    /// The time without a byte of a model's answer: the first byte of one that is not streamed comes when all of it is
    /// made.
    package var modelIdle = Duration.seconds(600)
    /// The time for a request to a model, from its start to the end of its answer.
    package var model = Duration.seconds(3600)
    /// The time for a look-up.
    package var resolve = Duration.seconds(5)
    /// The time for a client to take the answer to its request.
    package var answer = Duration.seconds(10)
    /// The time for which a refused client may continue to send, so that it can read the answer.
    package var linger = Duration.seconds(1)

    package init() {}
}
