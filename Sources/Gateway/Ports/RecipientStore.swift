package import InterlockModel

/// A recipient that an agent named to a tool, by a keyed digest that reveals nothing.
package struct NamedRecipient: Sendable, Equatable {
    package let agent: AgentName
    package let tool: ToolAddress
    package let digest: Digest
    package let at: Timestamp

    package init(agent: AgentName, tool: ToolAddress, digest: Digest, at: Timestamp) {
        self.agent = agent
        self.tool = tool
        self.digest = digest
        self.at = at
    }
}

/// The recipients that count for limits.
package protocol RecipientStore: Sendable {
    /// Returns the recipients that were named after this time.
    ///
    /// - Throws: also if one of them cannot be read.
    func recipients(since time: Timestamp) async throws(StoreFailure) -> [NamedRecipient]

    /// Adds these recipients or replaces their times, and removes those that were named before `time`. Durable on
    /// return.
    func keep(
        recipients: [NamedRecipient], removingBefore time: Timestamp
    ) async throws(StoreFailure)
}
