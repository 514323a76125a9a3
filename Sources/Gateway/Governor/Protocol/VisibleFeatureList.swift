import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPolicy
import InterlockPorts

/// The entries of one list that an agent may see at one endpoint, in their order.
struct VisibleFeatureList {
    struct Entry {
        private let searched: SearchedEntry
        /// The name of a tool or prompt at the endpoint.
        private let name: String?
        /// The server that `/mcp` puts in the URI of a resource, or nil at a server's endpoint.
        private let server: ServerName?
        /// The server of a resource, whose texts no person reviewed; nil for a tool or prompt.
        let author: ServerName?
        /// The filter on the results of a tool that has an output schema.
        private let filter: OutputFilter?

        fileprivate init(
            _ searched: SearchedEntry, _ name: String?, _ server: ServerName?,
            by author: ServerName?, under filter: OutputFilter?
        ) {
            (self.searched, self.name, self.server) = (searched, name, server)
            (self.author, self.filter) = (author, filter)
        }

        /// An estimate of the bytes that it takes in a list, in the form of the newest version.
        var byteCount: Int { searched.byteCount }

        /// Returns the entry in the form of this protocol version.
        func shown(in version: ProtocolVersion, _ redaction: AnswerRedaction) -> JSONObject {
            var shown = searched.shown(as: name, routedBy: server, in: version, redaction)
            // A version without output schemas has none, and no value in a schema is ever replaced.
            if let filter, shown["outputSchema"] != nil {
                shown["outputSchema"] = filter.schema.map(JSONValue.object)
            }
            return shown
        }
    }

    private(set) var entries: [Entry] = []
    /// A hash of the list; equal lists have the same value. Entries that are not searched yet count as before.
    private(set) var generation = FNV1a.start
    /// The features that no search with the values of now has seen, which are left out, each with its place among all.
    private(set) var unsearched: [(place: Int, feature: ListedFeature)] = []
    /// The number of entries that are left out because of a finding.
    private(set) var leftOut: Int64 = 0
    /// The findings in the entries, those that are left out included.
    private(set) var findings: [ResultFinding] = []
    private let values: UInt64

    /// - Parameter values: the generation of the values that are searched for.
    fileprivate init(_ list: FeatureListMethod, values: UInt64) {
        self.values = values
        FNV1a.add(list.rawValue.utf8, to: &generation)
    }

    /// A hash for cursors: a list with entries that are not searched yet is another one than without.
    var pageGeneration: UInt64 {
        var hash = generation
        for (place, _) in unsearched { FNV1a.add(UInt64(place), to: &hash) }
        return hash
    }

    /// - Parameter data: the obligations on the calls of this agent, or nil if there are none.
    fileprivate mutating func add(
        tool name: String, _ pin: PinnedTool, under data: DataObligations?
    ) {
        add(name, pin.digest)
        var filter: OutputFilter?
        if let data, data.changesResults, pin.definition.outputSchema != nil {
            filter = OutputFilter(pin: pin, data: data)
            FNV1a.add(data.json.serialized(), to: &generation)
        }
        add(.tool(pin), name, nil, under: filter)
    }

    fileprivate mutating func add(prompt name: String, _ pin: PinnedPrompt) {
        add(name, pin.digest)
        add(.prompt(pin), name, nil)
    }

    fileprivate mutating func add(
        _ resource: ListedResource, _ server: ServerName?, _ verdicts: ResourceVerdicts,
        by author: ServerName
    ) {
        // Resource texts come from the server and are not pinned, so the hash covers them.
        let bytes = resource.shown(in: .modern, routedBy: nil).serialized()
        FNV1a.add(bytes, to: &generation)
        var count = bytes.count
        if let server {
            FNV1a.add(server.text.utf8, to: &generation)
            count += RoutedURI(server: server, original: "").text.utf8.count
        }
        add(
            .resource(resource, verdicts.verdict(of: bytes), byteCount: count), nil, server,
            by: author)
    }

    private mutating func add(
        _ feature: ListedFeature, _ name: String?, _ server: ServerName?,
        by author: ServerName? = nil, under filter: OutputFilter? = nil
    ) {
        switch feature.verdict.lookup(feature, at: values) {
        case .entry(let searched, let found):
            entries.append(Entry(searched, name, server, by: author, under: filter))
            findings += found
        case .leftOut(let found):
            leftOut += 1
            findings += found
        case .unsearched:
            unsearched.append((entries.count + Int(leftOut) + unsearched.count, feature))
        }
        let mark = feature.verdict.lastMark
        if mark > 0 { FNV1a.add(CollectionOfOne(mark), to: &generation) }
    }

    private mutating func add(_ name: String, _ digest: Digest) {
        FNV1a.add(name.utf8, to: &generation)
        FNV1a.add(digest.words.0, to: &generation)
        FNV1a.add(digest.words.1, to: &generation)
    }
}

/// The filter of an agent on the results of one tool.
private struct OutputFilter {
    let pin: PinnedTool
    let data: DataObligations

    /// The schema of filtered results, or nil if there is none in this form.
    var schema: JSONObject? { pin.outputSchema(under: data) }
}

/// The 64-bit hash of Fowler, Noll and Vo: cheap; nothing depends on it being hard to invert.
private enum FNV1a {
    static let start: UInt64 = 0xcbf2_9ce4_8422_2325

    static func add(_ bytes: some Sequence<UInt8>, to hash: inout UInt64) {
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* prime }
    }

    /// Adds a word that is evenly spread already, as a whole.
    static func add(_ word: UInt64, to hash: inout UInt64) { hash = (hash ^ word) &* prime }

    private static let prime: UInt64 = 0x100_0000_01b3
}

extension Gateway {
    /// Returns the same list as `offered`, after a search of what was not searched yet.
    ///
    /// - Parameters:
    ///   - principal: the agent that gets the list.
    ///   - inspect: the search of texts for this agent.
    func searchedList(
        _ list: FeatureListMethod, for principal: Principal, at server: ServerName?,
        _ inspect: @escaping @Sendable (ResultTexts) async -> ResultInspection
    ) async -> VisibleFeatureList {
        func offered() -> VisibleFeatureList {
            self.offered(
                list, to: principal.agent, within: principal.listedScopes,
                for: task(of: principal), at: server)
        }
        let known = offered()
        guard !known.unsearched.isEmpty else { return known }
        await EntrySearch(
            inspector: ports.results, clock: clock, redaction: redaction(for: principal),
            inspect: inspect
        ).search(known.unsearched.map(\.feature))
        return offered()
    }

    /// Returns the features that the policy grants, the scopes cover, and that are reviewed and unchanged; nothing
    /// else. Those that were not searched yet are not among its entries.
    ///
    /// - Parameters:
    ///   - scopes: the scopes that narrow the credential's lists, or nil for all that the policy grants.
    ///   - task: the task of the run, whose tools alone are offered, or nil for all.
    func offered(
        _ list: FeatureListMethod, to agent: AgentName, within scopes: ScopeSet?,
        for task: RunTaskName?, at server: ServerName?
    ) -> VisibleFeatureList {
        let policy = policy.snapshot(for: agent)
        let visible = visible(to: agent, within: scopes, for: task, at: server, under: policy)
        var offered = VisibleFeatureList(list, values: ports.results.generation)
        switch list {
        case .tools:
            var pinned: (server: ServerName, tools: [ToolName: PinnedTool])?
            // Sorted by server, so each server's pins are asked for once.
            for address in visible where address.kind == .tool {
                if pinned?.server != address.server {
                    pinned = (address.server, pins.pinnedTools(of: address.server, under: policy))
                }
                guard let pin = pinned?.tools[address.tool],
                    let name = server == nil ? policy.wireName(of: address) : address.tool.text
                else { continue }
                offered.add(
                    tool: name, pin, under: policy.dataObligations(of: address, for: agent))
            }
        case .prompts:
            for address in visible where address.kind == .prompt {
                guard let pin = pins.pinned(prompt: address, under: policy),
                    let name = server == nil ? policy.wireName(of: address) : address.tool.ownName
                else { continue }
                offered.add(prompt: name, pin)
            }
        case .resources, .templates:
            let known = Set(visible.filter { $0.kind == .resource })
            for name in Set(known.map(\.server)).sorted() {
                for resource in resources(list, of: name, known, under: policy) {
                    offered.add(
                        resource, server == nil ? name : nil, resourceVerdicts, by: name)
                }
            }
        }
        return offered
    }

    /// Returns the features that the policy lets an agent see at an endpoint, sorted.
    func visible(
        to agent: AgentName, within scopes: ScopeSet?, for task: RunTaskName?,
        at server: ServerName?, under policy: PolicySnapshot
    ) -> [ToolAddress] {
        policy.visibleTools(
            for: agent, stage: shownStage(of: agent, in: policy),
            elevations: elevations.compiled(under: policy), at: clock.wall
        ).filter { address in
            guard server == nil || address.server == server else { return false }
            guard address.server != HostServer.name else { return false }
            guard policy.isInTask(address, task, of: agent) else { return false }
            guard let scopes else { return true }
            return scopes.covers(
                address, policy.servers[address.server]?.tools[address.tool]?.toolClass)
        }
    }

    /// Returns the resources of the server's own list, each URI once, that belong to a resource in `known`.
    private func resources(
        _ list: FeatureListMethod, of server: ServerName, _ known: Set<ToolAddress>,
        under policy: PolicySnapshot
    ) -> [ListedResource] {
        let offers = upstreams.offers(of: server)
        var seen: Set<ExactText> = []
        var found: [ListedResource] = []
        for value in list == .resources ? offers.resources : offers.templates {
            guard let entry = ListedResource(value, from: list), seen.insert(entry.uri).inserted,
                let address = entry.address(at: server, under: policy), known.contains(address),
                pins.pinned(address, under: policy) != nil
            else { continue }
            found.append(entry)
        }
        return found.sorted { $0.uri < $1.uri }
    }
}

extension Principal {
    /// The scopes that narrow the lists, or nil if nothing does. An external issuer's client sees what it could request
    /// a scope for: a call without the scope names it in the 403.
    var listedScopes: ScopeSet? { isFromOutside ? nil : scopes }
}

extension ListedResource {
    /// The policy entry that contains the resource.
    fileprivate func address(at server: ServerName, under policy: PolicySnapshot) -> ToolAddress? {
        if isTemplate { return policy.servers[server]?.resource(ofTemplate: uri) }
        guard let uri = try? ResourceURI(uri) else { return nil }
        return policy.resource(of: uri, at: server)?.address
    }
}
