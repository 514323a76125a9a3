import InterlockMCP
package import InterlockModel
package import InterlockPorts

/// The shared state of all input requests of servers: those that wait for an answer, and the means to seal a client's
/// state.
package final class InputRequestService: Sendable {
    let questions = PendingInputRegistry()
    let parking: ParkedCallRegistry
    let sealer: any StateSealer
    let nonces: any NonceStore
    let hashing: any Hashing
    /// The time that people have for one round.
    let patience: Duration
    private let entropy: any Entropy

    package init(
        sealer: any StateSealer, nonces: any NonceStore, hashing: any Hashing,
        entropy: any Entropy, patience: Duration = .seconds(ResumeState.lifetimeSeconds)
    ) {
        self.sealer = sealer
        self.nonces = nonces
        self.hashing = hashing
        self.entropy = entropy
        self.patience = patience
        parking = ParkedCallRegistry()
    }

    func newNonce() -> String { Base64.encodeURL(entropy.bytes(16)) }
}
