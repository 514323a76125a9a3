package import InterlockModel

/// A gated call between the commit of its `use` and its sending: it is sent only after all entries before its own use
/// are applied and everything is checked again (docs/specs/cluster.md, section 5).
package struct GatedUse: Hashable, Sendable {
    package let use: GrantUse
    package let scope: CallScope
    /// The node and the incarnation that asked for the use.
    package let node: NodeName
    package let incarnation: Incarnation
    /// The head that the store returned with the commit: the entry of the use.
    package let entry: ChainHead

    package init(
        use: GrantUse, scope: CallScope, node: NodeName, incarnation: Incarnation, entry: ChainHead
    ) {
        self.use = use
        self.scope = scope
        self.node = node
        self.incarnation = incarnation
        self.entry = entry
    }

    package enum Verdict: Hashable, Sendable {
        /// The entries up to the use are not applied yet.
        case wait
        case send(ClearedUse)
        /// The call is not sent. The use is consumed nevertheless.
        case refuse(Refusal)
    }

    package enum Refusal: Hashable, Sendable {
        /// The chain of this node is broken, cannot go on, or is not proved.
        case chain
        /// The entry of the use is not the one that the node asked for (its number, node, call digest and intent leaf), or
        /// it changed nothing.
        case noUse
        /// The request ended after the use and before the sending.
        case ended
        /// The node was expelled.
        case expelled
        /// The lease for consequential calls has ended.
        case lease
        case scope(ScopeRefusal)
    }

    /// Judges the call once more. `now` must be read after the follower was.
    package func judge(
        _ follower: ChainFollower, _ lease: NodeLease, at now: BootTime
    ) -> Verdict {
        guard follower.isSound else { return .refuse(.chain) }
        let state = follower.state
        guard state.head.number >= entry.number else { return .wait }
        if let digest = follower.digest(of: entry.number), digest != entry.digest {
            return .refuse(.chain)
        }
        // A store that lies can answer with the genuine use of the same grant by another node, or for another call.
        guard state.requests.entry(of: use, by: node) == entry.number else {
            return .refuse(.noUse)
        }
        guard !state.requests.isEnded(use.request) else { return .refuse(.ended) }
        guard state.mayServe(node, incarnation) else { return .refuse(.expelled) }
        if let refusal = state.refusal(of: scope) { return .refuse(.scope(refusal)) }
        guard lease.permits(.consequential, at: now) else { return .refuse(.lease) }
        return .send(ClearedUse(use: use, head: state.head))
    }
}

/// A use that may be sent now, once. Only `GatedUse.judge` makes one.
package struct ClearedUse: Hashable, Sendable {
    package let use: GrantUse
    /// The newest entry that was applied when it was judged.
    package let head: ChainHead

    fileprivate init(use: GrantUse, head: ChainHead) {
        self.use = use
        self.head = head
    }
}
