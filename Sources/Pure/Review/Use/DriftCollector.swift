import InterlockJSON
package import InterlockLedger
package import InterlockModel

/// Collects from a log what asks for tools to be classified again, and for tiers (docs/specs/trust-and-review.md, section 7,
/// part 4), and, for the organisation, the changes of the gate itself (section 10).
package struct DriftCollector: Sendable {
    private let scope: ReviewScope
    private let period: ReviewPeriod
    /// The servers that count; nil for all.
    private let servers: Set<ServerName>?
    private var found: [Item: Digest] = [:]
    /// The items in the order of the log.
    private var order: [Item] = []

    /// The types of the records that it reads.
    package static let types: Set<RecordType> = [
        .pinDrift, .pinAccepted, .serverQuarantined, .incidentOpened, .mergeChecked,
    ]
    /// The subject of changes of the gate that are too many for a sign-off.
    private static let gate = ExactText("gate")

    private struct Item: Hashable {
        let cause: DriftItem.Cause
        let subject: ExactText
        let server: ServerName?
    }

    /// - Parameter servers: those that the agent may use; nil for all.
    package init(scope: ReviewScope, period: ReviewPeriod, servers: Set<ServerName>? = nil) {
        self.scope = scope
        self.period = period
        self.servers = servers
    }

    package mutating func add(_ leaf: Leaf) {
        guard let record = RecordMembers(leaf), period.contains(record.time) else { return }
        switch record.type {
        case .pinDrift:
            guard let tool = record.text("tool").flatMap({ ToolAddress(itemWireName: $0) }) else {
                return
            }
            note(.toolChanged, tool.description, of: tool.server, leaf.hash)
        case .pinAccepted:
            guard record.text("st").map({ sameBytes($0, "changed") }) ?? false,
                let server = record.text("srv").flatMap({ ServerName($0) })
            else { return }
            note(.newVersion, server.text, of: server, leaf.hash)
        case .serverQuarantined:
            guard let server = record.text("srv").flatMap({ ServerName($0) }) else { return }
            note(.serverUntrusted, server.text, of: server, leaf.hash)
        case .incidentOpened:
            guard let incident = record.text("inc") else { return }
            let agent = record.text("agent").flatMap { AgentName($0) }
            // An incident without an agent is about all of them.
            if let own = scope.agent, let agent, own != agent { return }
            if let agent, agent.isCanary { return }
            note(.incident, incident, of: nil, leaf.hash)
        case .mergeChecked:
            // The gate is of all agents. A refused check counts too: it need not have held up the merge.
            guard scope.agent == nil, (record.integer("gate") ?? 0) > 0 else { return }
            note(.gateChanged, record.text("head") ?? Self.gate.text, of: nil, leaf.hash)
        default: break
        }
    }

    private mutating func note(
        _ cause: DriftItem.Cause, _ subject: String, of server: ServerName?, _ leaf: Digest
    ) {
        if let server, server.isOfCanaries { return }
        if let server, let servers, !servers.contains(server) { return }
        let item = Item(cause: cause, subject: ExactText(subject), server: server)
        guard found[item] == nil else { return }
        found[item] = leaf
        order.append(item)
    }

    /// The items, each with its first record. Tools are summed up by their servers, and changes of
    /// the gate in one, if there are more than a sign-off holds.
    package var items: [DriftItem] {
        let all = order.compactMap { item in
            found[item].map { DriftItem(item.cause, subject: item.subject.text, leaf: $0) }
        }
        guard all.count > ReviewSignOff.mostItems else { return all }
        var servers: Set<Item> = []
        return order.compactMap { item -> DriftItem? in
            let whole = item.cause == .gateChanged ? Self.gate : item.subject
            let subject = item.server.map { ExactText($0.text) } ?? whole
            let summed = Item(cause: item.cause, subject: subject, server: item.server)
            guard servers.insert(summed).inserted, let leaf = found[item] else { return nil }
            return DriftItem(item.cause, subject: subject.text, leaf: leaf)
        }
    }
}
