import InterlockJSON
import InterlockLedger
import InterlockMCP
package import InterlockModel
package import InterlockPolicy
import InterlockPorts

extension PinRegistry {
    /// Returns nil if the feature is unknown, not reviewed, drifted or not offered, or its server is absent.
    package func pinned(_ address: ToolAddress, under policy: PolicySnapshot) -> PinnedFeature? {
        switch address.kind {
        case .tool where address.server == HostServer.name: host(address, under: policy)
        case .tool: pinned(tool: address, under: policy).map(PinnedFeature.tool)
        case .prompt: pinned(prompt: address, under: policy).map(PinnedFeature.prompt)
        case .resource: resource(address, under: policy).map(PinnedFeature.resource)
        }
    }

    /// Returns the pin of a tool of hosts, which this program defines.
    private func host(_ address: ToolAddress, under policy: PolicySnapshot) -> PinnedFeature? {
        guard policy.table.number(of: address) != nil else { return nil }
        return .host(hashing.sha256(Array("host 1 \(address.tool.text)".utf8)))
    }

    package func pinned(tool address: ToolAddress, under policy: PolicySnapshot) -> PinnedTool? {
        guard shutOff(of: address.server) == nil else { return nil }
        return looking(at: address.server, under: policy) { $0.offered[address.tool] }
    }

    /// Returns all tools of the server that `pinned` finds.
    func pinnedTools(
        of server: ServerName, under policy: PolicySnapshot
    ) -> [ToolName: PinnedTool] {
        guard shutOff(of: server) == nil else { return [:] }
        return looking(at: server, under: policy) { $0.offered } ?? [:]
    }

    package func pinned(prompt address: ToolAddress, under policy: PolicySnapshot) -> PinnedPrompt?
    {
        guard shutOff(of: address.server) == nil else { return nil }
        let name = address.tool.ownName
        return looking(at: address.server, under: policy) { $0.prompts.offered[name] }
    }

    /// Returns the pin of a resource, which has no definition of its own: it exists while its server is present, if the
    /// server had resources at review.
    private func resource(_ address: ToolAddress, under policy: PolicySnapshot) -> Digest? {
        guard shutOff(of: address.server) == nil,
            looking(at: address.server, under: policy, { $0.isOffered ? true : nil }) == true,
            policy.lock?.servers[address.server]?.capabilities.contains("resources") ?? true,
            let uri = policy.servers[address.server]?.resources
                .first(where: { $0.name == address.tool })?.uri
        else { return nil }
        return hashing.sha256(Array("resource \(uri.text)".utf8))
    }

    /// Checks a server's instructions, which every model reads, against the reviewed ones: different instructions hide
    /// the whole server until they match the lock again.
    ///
    /// - Parameter entry: the server's entry in the lock, or nil without a lock.
    func hasReviewed(
        _ instructions: String?, of name: ServerName, _ entry: LockedServer?, _ server: inout Server
    ) -> Bool {
        guard let entry else { return true }
        let live = instructions.flatMap { try? JSONValue.string($0).canonical() }
            .map(hashing.sha256)
        guard live != entry.instructions else {
            server.hasOtherInstructions = false
            return true
        }
        server.hidden.append(HiddenTool(name: "instructions", reason: "they differ from the lock"))
        guard !server.hasOtherInstructions else { return false }
        server.hasOtherInstructions = true
        ledger.note(
            RecordDraft(
                .serverQuarantined, run: nil,
                fields: ["srv": .string(name.text), "code": "lock.instructions"]))
        return false
    }
}
