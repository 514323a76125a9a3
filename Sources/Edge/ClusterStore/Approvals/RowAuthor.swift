package import InterlockCluster
package import InterlockModel

/// The means by which a node signs and seals its rows and signs its entries.
package struct RowAuthor: Sendable {
    private let keys: StoreKeys
    private let clock: any Clock
    let entropy: any Entropy
    private let sign: @Sendable (_ message: [UInt8]) -> [UInt8]

    /// - Parameter sign: returns the 64 bytes of the signature of a message by the key of the node's log.
    package init(
        keys: StoreKeys, clock: any Clock, entropy: any Entropy,
        sign: @escaping @Sendable (_ message: [UInt8]) -> [UInt8]
    ) {
        self.keys = keys
        self.clock = clock
        self.entropy = entropy
        self.sign = sign
    }

    var now: Timestamp { clock.wall }

    /// The body of a row, which names the newest entry that the node has applied.
    func draft<Row: ClusterRow>(
        _ row: Row, by node: NodeName, in chain: ChainFollower
    ) throws(FormError) -> RowDraft<Row> {
        let statement = RowStatement(
            org: chain.state.org, at: now, node: node, head: chain.head, row: row)
        return try RowDraft(
            statement, keys: keys, nonce: entropy.bytes(StoreKeys.nonceBytes), sign: sign)
    }

    /// - Throws: also if the node is no member, and so has no key that counts.
    func entry(
        _ change: NarrowingChange, by node: NodeName, in chain: ChainFollower
    ) throws(FormError) -> EntryDraft {
        guard let member = chain.state.members[node] else {
            throw .badMember("node", "a member of the cluster")
        }
        let statement = ControlStatement(
            org: chain.state.org, at: now, node: node, content: .narrowing(change))
        return try EntryDraft(statement, key: member.keys.log, sign: sign)
    }
}
