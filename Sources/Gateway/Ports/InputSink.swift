package import InterlockJSON
package import InterlockMCP

/// Asks the caller of one call what its server wants to know. Policy, records and halts stand behind this
/// door: an upstream session hands over what it was asked and sends on what comes back.
package protocol InputSink: Sendable {
    /// The `capabilities` to declare to the server for this call: what the caller declared, can be
    /// bridged and is allowed by the policy. Nothing else may be asked.
    var declared: JSONObject { get }

    /// One round; waits for people, not counted by the call's deadlines. At most one round at a time.
    func ask(_ requests: [InputRequest]) async -> InputRound
}

package enum InputRound: Sendable {
    /// An answer to each request, by its key.
    case answered([ExactText: InputResponse])
    /// The caller is gone, halted or asked too often: the call ends, cancelled upstream.
    case abandoned(reason: String)
}
