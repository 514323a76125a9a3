package import InterlockCluster
package import InterlockModel
package import InterlockPorts
import Synchronization

/// The permissions of a node of a cluster for its gateway, by `NodeService`.
///
/// INVARIANT: a call is sent only under a lease of this moment, after all entries before it were applied, and under the
/// revision in force. Kept by `NodeCallTests`, `test_cluster_serve.py`.
package final class MemberPermission: NodePermission {
    private let service: NodeService
    private let name: NodeName
    /// The revisions that the node has loaded, as the chain names them, by the digest of their policy.
    private let revisions = Mutex<[Digest: Digest?]>([:])

    /// - Parameter name: that of the node of `service`.
    package init(_ service: NodeService, of name: NodeName) {
        self.service = service
        self.name = name
    }

    /// The node has loaded a revision.
    ///
    /// - Parameters:
    ///   - revision: the digest of its identity, as the chain has it; nil if it was not signed off.
    ///   - policy: the digest of its compiled policy, as decisions have it.
    package func load(_ revision: Digest?, of policy: Digest) {
        revisions.withLock { _ = $0.updateValue(revision, forKey: policy) }
    }

    package func refusal(of action: NodeAction) -> NodeRefusal? {
        service.refusal(of: LeasedAction(action)).map(NodeRefusal.init)
    }

    package func refusal(of call: NodeCall) -> NodeRefusal? {
        if let refusal = refusal(of: call.action) { return refusal }
        guard let scope = scope(of: call) else { return .behind }
        return service.refusal(of: scope).map(NodeRefusal.init)
    }

    package func refusal(of call: NodeCall, using use: ApprovalUseEntry) -> NodeRefusal? {
        // The clock, which `judge` does not read.
        if let refusal = refusal(of: .consequential) { return refusal }
        guard let scope = scope(of: call), let incarnation = Incarnation(use.incarnation) else {
            return .behind
        }
        let verdict = service.judge(
            GatedUse(
                use: GrantUse(
                    request: use.request, number: use.number, call: use.use.call,
                    intent: use.use.intent),
                scope: scope, node: name, incarnation: incarnation,
                entry: ChainHead(number: use.entry.number, digest: use.entry.digest)))
        switch verdict {
        case .send: return nil
        // The store answered with entries that were applied, so there is nothing to wait for.
        case .wait: return .behind
        case .refuse(let refusal): return NodeRefusal(refusal)
        }
    }

    package var reference: ChainReference { ChainReference(service.head) }

    package func reference(under policy: Digest) -> ChainReference? {
        guard let revision = revisions.withLock({ $0[policy] }) else { return nil }
        return service.head(under: revision).map(ChainReference.init)
    }

    /// Returns nil if the call was decided under a policy that this node has not loaded, or its agent has no owner.
    private func scope(of call: NodeCall) -> CallScope? {
        guard let owner = call.owner, let revision = revisions.withLock({ $0[call.revision] })
        else { return nil }
        return CallScope(
            agent: call.agent, owner: owner, run: call.run, token: call.credential,
            tool: call.tool, revision: revision)
    }
}

extension ChainReference {
    init(_ head: ChainHead) { self.init(number: head.number, digest: head.digest) }
}

extension LeasedAction {
    fileprivate init(_ action: NodeAction) {
        switch action {
        case .read: self = .lowTierRead
        case .consequential: self = .consequential
        }
    }
}

extension NodeRefusal {
    fileprivate init(_ refusal: ClusterNode.Refusal) {
        switch refusal {
        case .broken: self = .chain
        case .behind, .generation: self = .behind
        case .notMember: self = .membership
        case .clock: self = .clock
        case .lease: self = .lease
        }
    }

    fileprivate init(_ refusal: ScopeRefusal) {
        switch refusal {
        case .halted(let order): self = .halted(order.id)
        case .runEnded: self = .runEnded
        case .tokenEnded: self = .credentialEnded
        case .paused: self = .runPaused
        case .quarantined: self = .quarantined
        case .otherRevision: self = .otherRevision
        }
    }

    fileprivate init(_ refusal: GatedUse.Refusal) {
        switch refusal {
        case .chain: self = .chain
        case .noUse, .ended: self = .use
        case .expelled: self = .membership
        case .lease: self = .lease
        case .scope(let refusal): self = NodeRefusal(refusal)
        }
    }
}
