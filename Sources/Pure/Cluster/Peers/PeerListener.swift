package import InterlockModel

/// Receives what other nodes say and ask. Methods may be called at the same time, and in another order than messages
/// came: each value says by itself what it is about. None may block.
package protocol PeerListener: Sendable {
    /// A peer has this head. A higher one is to be fetched, another one with a known number is a fork.
    func heard(_ head: ChainHead, from node: NodeName)
    /// The wall clock of a peer, between two readings of this node's clocks.
    func heard(
        _ time: Timestamp, of node: NodeName, sent: ClockReading, received: ClockReading)
    func changed(_ node: NodeName, isUp: Bool)

    /// Verifies a halt and applies it at once, before the chain has it. The same halt may come any number of times.
    ///
    /// - Returns: true if it is in force when this returns. False ends its repetition by the peer.
    func apply(_ halt: Envelope, from node: NodeName) async -> Bool
    /// Returns verified entries after the number, in order; none if this node has none.
    func entries(after number: Int64) async -> [StoredEntry]
    /// Judges the question of a peer by the chain that this node has applied; see `WitnessVerdict.judge`. Raises the alert
    /// if there are two chains.
    func judge(_ request: WitnessRequest, from node: NodeName) async -> WitnessVerdict

    /// Entries that a peer has given, which nothing is known of but that they are linked among themselves.
    func take(_ entries: [StoredEntry], from node: NodeName)
    /// No peer has given entries after this number: they are in the store alone, if anywhere.
    func fetchFailed(after number: Int64)
    /// A peer has answered a halt, by the number that `PeerChannel.push` returned.
    func delivered(halt: Int64, to node: NodeName, isApplied: Bool)
}
