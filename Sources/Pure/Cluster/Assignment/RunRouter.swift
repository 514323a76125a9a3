package import InterlockModel

/// The runs of one node: which messages it serves, and where the others go (docs/specs/cluster.md, section 4). Events
/// in, actions out; the time comes with each event.
///
/// A run is unknown, claimed (the store was asked), served here, freed (the store is asked to keep that it is unused),
/// or known to be served by another node.
///
/// INVARIANT: a node serves a run only by a claim of its own incarnation that the store has answered, and from the
/// request to free it on no more. Kept by `RunRouterTests`, `AssignmentPropertyTests`.
package struct RunRouter: Sendable {
    /// A run that was claimed and has no answer yet.
    struct PendingClaim: Sendable {
        let claim: RunClaim
        var waiting: [WaitingMessage]
    }
    /// A message that was forwarded and has no answer yet.
    struct ForwardedMessage: Sendable {
        let run: RunID
        let agent: AgentName
        let isCall: Bool
        let node: NodeName
        /// The number of nodes that did not serve it.
        let misses: Int
    }

    package let node: NodeName
    package internal(set) var incarnation: Incarnation
    package internal(set) var isDraining = false
    var served: [RunID: ServedRun] = [:]
    var claims: [RunID: PendingClaim] = [:]
    var forwarded: [RunMessage: ForwardedMessage] = [:]
    /// The messages that asked again, with the number of nodes that did not serve them.
    var misses: [RunMessage: Int] = [:]
    /// The runs that other nodes serve, as they were last known to.
    var others: [RunID: NodeName] = [:]
    var number: Int64 = 0
    /// The runs that this node freed, which a new generation of the store may have lost.
    var freed: [RunID: FreedRun] = [:]
    var generation: StoreGeneration?
    /// The runs that are still to be put back; nil if all are.
    var restoring: Set<RunID>?

    package init(_ node: NodeName, _ incarnation: Incarnation) {
        self.node = node
        self.incarnation = incarnation
    }

    package mutating func handle(_ event: RunEvent, at now: BootTime) -> [RunAction] {
        switch event {
        case .message(let message, let run, let agent, let isCall, let peer):
            return take(
                WaitingMessage(message: message, isCall: isCall, peer: peer), of: run, agent,
                at: now)
        case .finished(let message, let run): return finish(message, of: run, at: now)
        case .claimed(let claim, let answer): return take(answer, to: claim, at: now)
        case .claimFailed(let claim): return fail(claim)
        case .notMine(let message): return askAgain(message, at: now)
        case .peerLost(let message, let wasSent): return lose(message, wasSent: wasSent, at: now)
        case .answered(let message):
            forget(message)
            return []
        case .result(let call, let run, let level): return take(level, of: call, in: run)
        case .changed(let change): return take(change, at: now)
        case .changeFailed(let change, let refusal): return fail(change, refusal)
        case .runEnded(let run): return end(run)
        case .peerExpelled(let peer):
            others = others.filter { $0.value != peer }
            return []
        case .drain: return drain(at: now)
        case .joined(let incarnation): return join(incarnation)
        case .generation(let generation, let isRestored):
            return take(generation, isRestored: isRestored)
        case .tick: return freeUnused(at: now)
        }
    }

    /// Returns the level by which the run's calls are decided, or nil if the run is not served here.
    package func level(of run: RunID) -> TaintLevel? { served[run]?.level }

    /// Returns the calls that the run has made, or nil if it is not served here.
    package func calls(of run: RunID) -> Int64? { served[run]?.calls }

    /// Returns the agent of a run that is served here; nil if it is not.
    package func agent(of run: RunID) -> AgentName? { served[run]?.agent }

    /// Returns the term under which the node serves the run now; nil if it does not.
    package func term(of run: RunID) -> Int64? {
        served[run].flatMap { $0.isFreeing ? nil : $0.term }
    }

    /// The generation in which all runs of this node are put back; nil if some are not, or if the store knows.
    package var restoredGeneration: StoreGeneration? {
        restoring?.isEmpty == true ? generation : nil
    }

    /// The runs that are served here, in no order.
    package var runs: [RunID] { Array(served.keys) }

    mutating func take(
        _ message: WaitingMessage, of run: RunID, _ agent: AgentName, at now: BootTime
    ) -> [RunAction] {
        if let serving = served[run] {
            guard serving.agent == agent else { return refuse(message, .unfit) }
            return serve(message, of: run, at: now)
        }
        if let pending = claims[run] {
            guard pending.claim.agent == agent else { return refuse(message, .unfit) }
            claims[run]?.waiting.append(message)
            return []
        }
        if message.peer == nil, let other = others[run] {
            return forward(message, of: run, agent, to: other)
        }
        return claim(run, agent, for: [message])
    }

    /// Asks the store who serves a run. A node that drains takes none.
    mutating func claim(
        _ run: RunID, _ agent: AgentName, for messages: [WaitingMessage]
    ) -> [RunAction] {
        guard !isDraining else { return messages.flatMap { refuseMoving($0) } }
        number += 1
        let claim = RunClaim(
            run: run, agent: agent, node: node, incarnation: incarnation, number: number)
        claims[run] = PendingClaim(claim: claim, waiting: messages)
        return [.claim(claim)]
    }

    private mutating func take(
        _ answer: ClaimAnswer, to claim: RunClaim, at now: BootTime
    ) -> [RunAction] {
        // An answer to an earlier claim, or of an earlier incarnation, says nothing of now.
        guard let pending = claims[claim.run], pending.claim == claim else { return [] }
        claims[claim.run] = nil
        switch answer {
        case .assigned(let assignment):
            served[claim.run] = ServedRun(assignment, by: claim, at: now)
            others[claim.run] = nil
            freed[claim.run] = nil
            var actions: [RunAction] = [.attach(claim.run, assignment)]
            for message in pending.waiting { actions += serve(message, of: claim.run, at: now) }
            return actions
        case .serves(let other):
            if others.count >= AssignmentTimes.remembered { others = [:] }
            others[claim.run] = other
            return pending.waiting.flatMap { message -> [RunAction] in
                message.peer == nil
                    ? forward(message, of: claim.run, claim.agent, to: other)
                    : [.refuse(message.message, .notMine)]
            }
        case .ended:
            return pending.waiting.flatMap { refuse($0, .ended) }
        }
    }

    /// Refuses what waits for a claim whose outcome is not known. The next message claims again.
    private mutating func fail(_ claim: RunClaim) -> [RunAction] {
        guard let pending = claims[claim.run], pending.claim == claim else { return [] }
        claims[claim.run] = nil
        return pending.waiting.flatMap { refuse($0, .storeUnavailable) }
    }

    mutating func refuse(_ message: WaitingMessage, _ refusal: RunRefusal) -> [RunAction] {
        forget(message.message)
        return [.refuse(message.message, refusal)]
    }

    /// Refuses a message whose run moves: a peer asks again, an agent is sent `run-moving`.
    mutating func refuseMoving(_ message: WaitingMessage) -> [RunAction] {
        refuse(message, message.peer == nil ? .moving : .notMine)
    }

    mutating func forget(_ message: RunMessage) {
        forwarded[message] = nil
        misses[message] = nil
    }
}
