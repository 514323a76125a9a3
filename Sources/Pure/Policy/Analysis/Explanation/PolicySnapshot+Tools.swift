package import InterlockModel

extension PolicySnapshot {
    /// All tools that the policy describes, sorted.
    package var toolAddresses: [ToolAddress] { table.rows.map(\.address) }
}
