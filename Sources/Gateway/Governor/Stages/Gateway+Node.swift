import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockPorts

/// The node of a cluster that this gateway is, as the stages ask it. Without one, each question costs a comparison.
extension Gateway {
    /// Returns the reason why the node serves a caller nothing of this kind now; nil if it does.
    func nodeRefusal(of action: NodeAction, by principal: Principal) -> Refusal? {
        guard let node = ports.node, let refusal = node.refusal(of: action) else { return nil }
        return self.refusal(refusal, of: principal.run)
    }

    /// Returns the newest entry of the control chain on which a call that was decided rests, nil on one node; or the reason
    /// why the node may not begin it.
    func nodeEntry(of decided: DecidedCall) -> Result<ChainReference?, Refusal> {
        guard let node = ports.node else { return .success(nil) }
        let principal = decided.call.principal
        if let refusal = refusal(of: decided, by: node) {
            return .failure(self.refusal(refusal, of: principal.run))
        }
        if principal.agent.isCanary { return .success(nil) }
        guard let entry = node.reference(under: decided.resolved.policy.digest) else {
            return .failure(self.refusal(.otherRevision, of: principal.run))
        }
        return .success(entry)
    }

    /// Returns the reason why the node may not send a call whose intent is recorded; nil if it may.
    func nodeRefusal(of recorded: RecordedCall) -> Refusal? {
        guard let node = ports.node, let refusal = refusal(of: recorded.decided, by: node)
        else { return nil }
        return self.refusal(refusal, of: recorded.call.principal.run)
    }

    /// Returns the reason why the node may not send a call whose grant it has used; nil if it may, or if the call has no
    /// grant.
    func nodeRefusal(ofUseBy cleared: ClearedCall) -> Refusal? {
        guard let node = ports.node, cleared.hasGrant else { return nil }
        // A use without its entry permits nothing here.
        guard let entry = cleared.useEntry else { return .notInChain }
        return node.refusal(of: nodeCall(cleared.decided), using: entry).map {
            refusal($0, of: cleared.call.principal.run)
        }
    }

    /// The newest entry of the control chain on which a decision rests; nil on one node, and if the policy that decided is
    /// not that of the revision in force at it. It is read after the policy: the entry then is one that the policy has.
    ///
    /// - Parameter policy: nil for a record that names none.
    func chainEntry(under policy: Digest?) -> ChainReference? {
        guard let node = ports.node else { return nil }
        guard let policy else { return node.reference }
        return node.reference(under: policy)
    }

    /// The calls of a drill or self-test are decided by a policy of their own, which is no revision, and reach servers of
    /// canaries alone: they need the lease and nothing of the chain.
    private func refusal(of decided: DecidedCall, by node: any NodePermission) -> NodeRefusal? {
        let call = nodeCall(decided)
        return call.agent.isCanary ? node.refusal(of: call.action) : node.refusal(of: call)
    }

    private func nodeCall(_ decided: DecidedCall) -> NodeCall {
        let principal = decided.call.principal
        return NodeCall(
            action: decided.decision.isLowTierRead ? .read : .consequential,
            agent: principal.agent, owner: policy.owner(of: principal.agent), run: principal.run,
            credential: ExactText(principal.credential), tool: decided.address,
            revision: decided.resolved.policy.digest)
    }

    private func refusal(_ refusal: NodeRefusal, of run: RunID) -> Refusal {
        switch refusal {
        case .lease:
            .node("lease", "the database of the cluster was not reached for too long")
        case .clock: .node("clock", "the clock of this node is off by more than a second")
        case .membership: .node("membership", "this node is not a member of its cluster now")
        case .behind:
            .node("behind", "this node has not applied all changes of its cluster yet")
        case .chain:
            .node("chain", "the control chain of the cluster was changed by hand")
        case .use: .notInChain
        case .halted(let order): .halted(by: order)
        case .runEnded, .credentialEnded:
            Refusal(
                .denied, "access", "revoked",
                "the credential was revoked, so the call was not sent",
                outcome: .notExecuted)
        case .runPaused: pausedRefusal(of: run)
        case .quarantined: .changed("quarantined", "the server is in quarantine")
        case .otherRevision: .changed("revision", "the policy has changed; call again")
        }
    }
}

extension Refusal {
    /// The refusal of a node of a cluster that may not act now. Another node may, or this one in a moment.
    fileprivate static func node(_ rule: String, _ why: String) -> Refusal {
        Refusal(
            .denied, "store", "unavailable", rule: "node-" + rule,
            "\(why), so nothing of this kind is permitted", retryAfterMilliseconds: 1_000,
            outcome: .notExecuted)
    }

    /// The grant is used, and the call is not sent.
    fileprivate static let notInChain = Refusal(
        .approvalDenied, "approval", "not-granted", rule: "node-use",
        "the control chain does not have the use of the approval for this call; ask again",
        outcome: .notExecuted)
}

extension Decision {
    /// True of a read of an agent of tier low, for which the longer lease of a node counts.
    fileprivate var isLowTierRead: Bool {
        tier == .low && toolClass == .read && !verdict.needsPeople
    }
}
