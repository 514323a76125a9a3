package import InterlockJSON
package import InterlockMCP

/// Asks the caller of one call for the input that its server requests. The implementation applies policy, records and
/// halts: an upstream session passes on the requests and sends back the responses.
package protocol InputSink: Sendable {
    /// The `capabilities` to declare to the server for this call: those that the caller declared, that can be bridged
    /// and that the policy allows. The server must not ask for anything else.
    var declared: JSONObject { get }

    /// Performs one round and waits for people; the call's deadlines do not count the wait. Rounds must not overlap.
    func ask(_ requests: [InputRequest]) async -> InputRound
}

package enum InputRound: Sendable {
    /// A response to each request, by the request's key.
    case answered([ExactText: InputResponse])
    /// The caller disconnected, was halted or was asked too often: the call ends and is cancelled upstream.
    case abandoned(reason: String)
}
