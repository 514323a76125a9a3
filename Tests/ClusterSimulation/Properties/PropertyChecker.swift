/// Judges each event of a simulation by the properties of docs/specs/cluster.md, section 13. It knows the true time and
/// the true chain, which no node does.
package struct PropertyChecker {
    /// The times within which a halt must hold, from the commit of its entry.
    package struct Bounds: Sendable {
        package var consequential = Duration.seconds(5)
        package var read = Duration.seconds(30)

        package init() {}
    }

    package private(set) var violations: [Violation] = []
    package var chain = ChainFacts()
    package var bounds: Bounds
    /// The requests whose grant people never gave.
    package var forgedGrants: Set<Int> = []
    /// The grants whose use was lost together with all nodes that knew it: docs/specs/cluster.md, section 16, names this
    /// as a residual risk.
    package private(set) var lostUses: Set<Int> = []
    package private(set) var dispatches: [CallKind: Int] = [:]
    /// True once the store has lied: the chain and its order are not known any more, and only what a lie must not widen is
    /// asked for.
    package var hasLied = false
    /// True once a clock has stopped: docs/specs/cluster.md, section 16, names ungated calls after that as a residual risk.
    package var hasStoppedClocks = false
    /// True once a failover lost rows of runs: nothing puts them back, so two nodes can believe that they serve one
    /// (docs/decisions/0192).
    package var hasLostRows = false
    /// True once units were lost together with a node that could not put them back.
    package var hasLostUnits = false
    /// The D0 and D1 grants that a node used which was kept apart. Another node can have used them before their chains
    /// were compared.
    package private(set) var usesApart: Set<Int> = []
    /// The node that a lying store keeps apart; nil if there is none.
    private var nodeApart: Int?
    private var usesOfGrant: [RowKey: Int] = [:]
    /// The newest claim under which a run was served.
    private var claimOfRun: [RowKey: Int] = [:]
    private var limits: [Int: LimitUses] = [:]

    package init(bounds: Bounds = Bounds()) { self.bounds = bounds }

    package mutating func report(
        _ property: Violation.Property, _ text: String, at time: VirtualTime
    ) {
        violations.append(Violation(property: property, at: time, text: text))
    }

    package mutating func limit(_ key: Int, _ uses: LimitUses) { limits[key] = uses }

    /// A failover lost the entries after `number`, and no live node knows them.
    package mutating func lost(after number: Int64) {
        for entry in chain.entries.dropFirst(Int(max(-1, number) + 1)) {
            if case .use(let grant) = entry.meaning { lostUses.insert(grant) }
        }
        chain.forget(after: number)
    }

    /// A node has entries that were lost: what they say holds again.
    package mutating func recovered(through number: Int64, at time: VirtualTime) {
        for entry in chain.recover(through: number, at: time) {
            if case .use(let grant) = entry.meaning { lostUses.remove(grant) }
        }
    }

    /// A lying store shows the node a copy of all rows, which is its own from now on. Nothing in the chain says that runs
    /// and grants have two rows then (docs/decisions/0192), so S4 and S1 are judged by the rows that a node was shown.
    package mutating func keepApart(_ node: Int) {
        nodeApart = node
        for (key, uses) in usesOfGrant { usesOfGrant[RowKey(id: key.id, isApart: true)] = uses }
        for (key, claim) in claimOfRun { claimOfRun[RowKey(id: key.id, isApart: true)] = claim }
    }

    /// A call was sent.
    package mutating func dispatched(_ call: Dispatch, at time: VirtualTime) {
        dispatches[call.kind, default: 0] += 1
        if call.kind.isGated || !hasStoppedClocks {
            checkHalts(call, at: time)
            checkNode(call, at: time)
        }
        if call.kind.isGated { checkGrant(call, at: time) }
    }

    /// Units of a limit were used by a call that was sent.
    package mutating func used(_ units: Int64, of key: Int, at time: VirtualTime) {
        guard !hasLied, !hasLostUnits, !hasStoppedClocks, var uses = limits[key] else { return }
        let sum = uses.use(units, at: time)
        limits[key] = uses
        if sum > uses.most {
            report(.limit, "limit \(key): \(sum) units in one window of \(uses.most)", at: time)
        }
    }

    /// S2.
    private mutating func checkHalts(_ call: Dispatch, at time: VirtualTime) {
        if let halt = chain.halts(of: call.agent, through: call.applied).first {
            report(
                .nothingAfterHalt,
                "call \(call.call) of agent \(call.agent) was sent by node \(call.node), which "
                    + "had applied \(call.applied), after halt entry \(halt.number)", at: time)
        }
        guard !hasLied else { return }
        let bound = call.kind == .read ? bounds.read : bounds.consequential
        let late = chain.halts(of: call.agent, through: chain.head)
            .first { $0.number > call.applied && time - $0.at > bound }
        if let late {
            report(
                .nothingAfterHalt,
                "call \(call.call) (\(call.kind.rawValue)) was sent by node \(call.node) at "
                    + "entry \(call.applied), \(time - late.at) after halt entry \(late.number)",
                at: time)
        }
    }

    /// S4.
    private mutating func checkNode(_ call: Dispatch, at time: VirtualTime) {
        guard call.kind != .read, !hasLostRows else { return }
        let run = RowKey(id: call.run, isApart: call.node == nodeApart)
        let newest = claimOfRun[run] ?? call.claim
        if call.claim < newest {
            report(
                .oneNode,
                "node \(call.node) served run \(call.run) under claim \(call.claim) after a call "
                    + "under claim \(newest)", at: time)
        }
        claimOfRun[run] = max(newest, call.claim)
    }

    /// S1, S6 and S7.
    private mutating func checkGrant(_ call: Dispatch, at time: VirtualTime) {
        guard let grant = call.grant, let use = call.use else {
            return report(.oneUse, "call \(call.call) was sent without a use", at: time)
        }
        // A quorum compares chains before a witnessed call is sent, so its grant is used once in all.
        let isApart = call.node == nodeApart && call.kind != .witnessed
        if isApart { usesApart.insert(grant) }
        let uses = usesOfGrant[RowKey(id: grant, isApart: isApart), default: 0] + 1
        usesOfGrant[RowKey(id: grant, isApart: isApart)] = uses
        if uses > 1,
            call.kind == .witnessed || !lostUses.contains(grant)
        {
            report(.oneUse, "grant \(grant) was used by call \(call.call) again", at: time)
        }
        if forgedGrants.contains(grant) {
            report(.nothingWidened, "grant \(grant) has no vote of people", at: time)
        }
        if !call.disagreeing.isEmpty {
            report(
                .nothingWidened,
                "call \(call.call) was sent though nodes \(call.disagreeing) have another chain",
                at: time)
        }
        guard !hasLied else { return }
        if chain.entry(use)?.meaning != .use(grant: grant), !lostUses.contains(grant) {
            report(.orderOfUse, "grant \(grant): entry \(use) is not its use", at: time)
        }
        if chain.hasEnded(grant, through: use) {
            report(.orderOfUse, "grant \(grant) was used at \(use), after its end", at: time)
        }
        if let halt = chain.halts(of: call.agent, through: use).first {
            report(
                .orderOfUse, "grant \(grant) was used at \(use), after halt entry \(halt.number)",
                at: time)
        }
    }
}

/// The row of a run or grant: in the copy of the node that is kept apart, or the one of all others.
private struct RowKey: Hashable {
    let id: Int
    let isApart: Bool
}
