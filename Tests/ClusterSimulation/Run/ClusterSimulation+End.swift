import InterlockCluster
import InterlockModel

/// The properties that are asked for at the end.
extension ClusterSimulation {
    func finish() {
        checkLogs()
        checkChains()
        if !store.hasLied, !hasLostEntries { checkReadiness() }
    }

    /// S9: 30 s after the last fault all nodes are ready, with all entries.
    private func checkReadiness() {
        for node in nodes {
            guard let process = node.process else {
                checker.report(.ready, "node \(node.number) does not run", at: now)
                continue
            }
            let reading = node.clock.reading(at: now)
            if let refusal = process.cluster.storeRefusal(at: reading) {
                checker.report(
                    .ready, "node \(node.number) permits nothing: \(refusal)", at: now)
            }
            let head = process.cluster.follower.head.number
            let newest = store.rows.head?.number ?? -1
            if head + 2 < newest {
                checker.report(
                    .ready, "node \(node.number) is at entry \(head) of \(newest)", at: now)
            }
        }
    }

    /// S5 of a store that lied: of two nodes with different chains one has halted the organisation.
    private func checkChains() {
        guard store.hasLied, settings.hasPeers else { return }
        for one in nodes.indices {
            for other in nodes.indices where other > one && differ(one, other) {
                guard let first = nodes[one].process, let second = nodes[other].process,
                    !isBroken(first), !isBroken(second)
                else { continue }
                checker.report(
                    .onePrefix, "nodes \(one) and \(other) follow different chains", at: now)
            }
        }
    }

    private func isBroken(_ process: NodeProcess) -> Bool {
        if case .broken = process.cluster.follower.status { true } else { false }
    }

    /// S8, as far as a simulation has logs: each call that was sent has an intent in the log of its node, each intent
    /// that is not open has one end, no grant was used twice, and no intent follows a halt that the node had applied.
    private func checkLogs() {
        var uses: [Int: Int] = [:]
        for node in nodes {
            var intents: Set<Int> = []
            var ends: [Int: Int] = [:]
            var applied: Int64 = Int64(settings.nodes) - 1
            for record in node.disk.log {
                switch record {
                case .intent(let call, let agent, _):
                    intents.insert(call)
                    checkIntent(call, agent, applied, node)
                case .used(_, let grant, _): uses[grant, default: 0] += 1
                case .outcome(let call), .refused(let call), .unknown(let call):
                    ends[call, default: 0] += 1
                case .applied(let number): applied = number
                case .start, .units: break
                }
            }
            for call in ends.keys.sorted() where ends[call] != 1 || !intents.contains(call) {
                let count = ends[call] ?? 0
                if intents.contains(call) {
                    checker.report(.logs, "call \(call) has \(count) ends", at: now)
                }
            }
            for item in sent where item.node == node.number && !intents.contains(item.call) {
                checker.report(
                    .logs, "call \(item.call) was sent without an intent", at: now)
            }
        }
        for grant in uses.keys.sorted()
        where uses[grant, default: 0] > 1 && !checker.lostUses.contains(grant)
            && !checker.usesApart.contains(grant)
        {
            checker.report(.logs, "grant \(grant) is used in two records", at: now)
        }
    }

    private func checkIntent(
        _ call: Int, _ agent: Int, _ applied: Int64, _ node: SimulatedNode
    ) {
        guard !store.hasLied, !hasLostEntries,
            let halt = checker.chain.halts(of: agent, through: applied).first
        else { return }
        checker.report(
            .logs,
            "node \(node.number) has the intent of call \(call) after halt entry \(halt.number)",
            at: now)
    }
}
