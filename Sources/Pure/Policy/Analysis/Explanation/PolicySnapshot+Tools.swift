package import InterlockModel

extension PolicySnapshot {
    /// Every tool that the policy describes, sorted.
    package var toolAddresses: [ToolAddress] { table.rows.map(\.address) }
}
