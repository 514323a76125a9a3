package import InterlockModel

extension PolicySnapshot {
    /// Returns the statements of a tool's entry about the flow of values; none for a tool that the policy does not have.
    package func flow(of address: ToolAddress) -> ToolFlow {
        servers[address.server]?.tools[address.tool]?.flow ?? ToolFlow.none
    }

    /// Returns true if the policy says that a server's content is the organisation's own.
    package func isInternal(_ server: ServerName) -> Bool {
        servers[server]?.reviewed?.trust == .internal
    }
}
