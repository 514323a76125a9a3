package import InterlockModel

/// The messages of a node to its peers. No method blocks; answers come to a `PeerListener`.
package protocol PeerChannel: Sendable {
    /// The admitted members with their keys, and where each is: a host and a port.
    func set(members: [NodeName: MemberKeys], authorities: [NodeName: String])
    /// This node has applied further entries.
    func advance(to head: ChainHead)
    /// Sends a halt to all peers until each has answered.
    ///
    /// - Returns: a number by which the halt is named later; nil if too many halts wait.
    func push(_ halt: Envelope) -> Int64?
    /// The chain has a halt, by the number that `push` returned.
    func chained(halt number: Int64)
    /// Asks peers for the entries after this number.
    func fetch(after number: Int64)
}
