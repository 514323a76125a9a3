import InterlockCluster
import InterlockModel

/// Calls that people decide: the request, the use of its grant, and the quorum of witnessed ones.
extension ClusterSimulation {
    /// A request is in the store: a person decides it after a while, and some requests are ended too.
    func asked(_ grant: Int) {
        queue.schedule(
            .person(.vote(grant: grant)),
            in: random.between(.milliseconds(300), .seconds(4)))
        guard random.chance(250) else { return }
        queue.schedule(
            .person(.end(grant: grant, tries: 0)),
            in: random.between(.milliseconds(300), .seconds(5)))
    }

    /// A heartbeat shows an approved request: the calls that wait for it use its grant.
    func decided(
        _ row: HeartbeatRows.RequestRow, _ node: SimulatedNode, _ process: NodeProcess
    ) throws(ProcessDeath) {
        // A row without the signature of a person is void.
        guard row.isVoted else { return }
        for id in process.calls.keys.sorted() {
            guard let open = process.calls[id], open.call.grant == row.grant,
                case .people = open.stage
            else { continue }
            process.calls[id]?.stage = .using
            try use(row, id, node, process)
        }
    }

    private func use(
        _ row: HeartbeatRows.RequestRow, _ id: Int, _ node: SimulatedNode, _ process: NodeProcess
    ) throws(ProcessDeath) {
        guard refusal(of: id, node, process) == nil else { return try end(id, node, process) }
        try intend(id, node, process)
        // The number of the use is that of the row, which a liar can set back.
        let use = GrantUse(
            request: SimulatedOrganisation.id(row.grant), number: row.used + 1,
            call: digest(of: id), intent: digest(of: id))
        guard let draft = self.draft(.narrowing(.use(use)), node) else { return }
        let request = UseRequest(
            grant: row.grant, version: row.version, nonce: id, call: id, number: use.number,
            draft: draft, known: process.cluster.follower.head.number)
        try send(.use(request), node, process)
    }

    private func digest(of call: Int) -> Digest {
        SimulatedHashing().sha256(Array("call \(call)".utf8))
    }

    /// The store has counted the use. The call is sent after all entries before it are applied.
    func used(
        _ request: UseRequest, _ rows: [StoredEntry], _ node: SimulatedNode,
        _ process: NodeProcess
    ) throws(ProcessDeath) {
        guard let last = rows.last, let digest = last.digest,
            let call = process.calls[request.call]?.call,
            let incarnation = process.cluster.lifecycle.incarnation
        else { return try end(request.call, node, process) }
        // The fault sends the call without reading what came before its use.
        guard !has(.useWithoutEntries) else {
            return try sendUsed(request.call, entry: last.number, node, process)
        }
        let own = GrantUse(
            request: SimulatedOrganisation.id(request.grant), number: request.number,
            call: self.digest(of: call.id), intent: self.digest(of: call.id))
        // The fault takes the use in the entry for its own.
        let named = has(.useUncompared) ? Self.use(in: last) : nil
        let gated = GatedUse(
            use: named?.use ?? own, scope: scope(of: call), node: named?.node ?? node.name,
            incarnation: incarnation, entry: ChainHead(number: last.number, digest: digest))
        let boot = node.clock.boot(at: now)
        let actions = process.cluster.handle(.rows(rows), at: boot)
        try act(actions, node, process)
        try judge(gated, of: call, node, process)
    }

    private static func use(in entry: StoredEntry) -> (use: GrantUse, node: NodeName)? {
        guard let statement = entry.statement, case .narrowing(.use(let use)) = statement.content
        else { return nil }
        return (use, statement.node)
    }

    private func judge(
        _ gated: GatedUse, of call: AgentCall, _ node: SimulatedNode, _ process: NodeProcess
    ) throws(ProcessDeath) {
        let boot = node.clock.boot(at: now)
        switch gated.judge(process.cluster.follower, process.cluster.lease, at: boot) {
        case .wait, .refuse: try end(call.id, node, process)
        case .send(let cleared):
            guard call.kind == .witnessed else {
                return try sendUsed(call.id, entry: gated.entry.number, node, process)
            }
            process.calls[call.id]?.stage = .quorum(gated)
            for peer in nodes.indices where peer != node.number {
                let known = node.disk.chain.suffix(8)
                tell(peer, .rows(Array(known)), process)
                tell(peer, .quorum(call: call.id, cleared.head), process)
            }
        }
    }

    /// A peer says whether it has the same chain: one that has suffices, one that has another one refuses.
    func quorum(
        of id: Int, peer: Int, agrees: Bool, _ node: SimulatedNode, _ process: NodeProcess
    ) throws(ProcessDeath) {
        guard let open = process.calls[id], case .quorum(let gated) = open.stage else { return }
        guard agrees || has(.quorumUncompared) else { return }
        let boot = node.clock.boot(at: now)
        guard case .send = gated.judge(process.cluster.follower, process.cluster.lease, at: boot)
        else { return try end(id, node, process) }
        try sendUsed(id, entry: gated.entry.number, witness: peer, node, process)
    }

    private func sendUsed(
        _ id: Int, entry: Int64, witness: Int? = nil, _ node: SimulatedNode,
        _ process: NodeProcess
    ) throws(ProcessDeath) {
        guard let call = process.calls[id]?.call else { return }
        let run: RunID = SimulatedOrganisation.id(call.run)
        // The run can have moved while people decided.
        guard process.runs?.term(of: run) != nil else { return try end(id, node, process) }
        try write(node) { disk in
            disk.log.append(.used(call: id, grant: call.grant, entry: entry))
        }
        try dispatch(id, use: entry, witness: witness, node, process)
    }

    /// True if the copies of two nodes have different entries with one number.
    func differ(_ one: Int, _ other: Int) -> Bool {
        let (own, theirs) = (nodes[one].disk.chain, nodes[other].disk.chain)
        return zip(own, theirs).contains { $0.digest != $1.digest }
    }
}
