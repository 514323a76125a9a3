package import InterlockModel

/// A message of an agent at this node, by a number that the node gives it.
package struct RunMessage: Sendable, Hashable, Comparable {
    package let number: Int64

    package init(_ number: Int64) { self.number = number }

    package static func < (a: RunMessage, b: RunMessage) -> Bool { a.number < b.number }
}

/// An event of a node's runs.
package enum RunEvent: Sendable {
    /// A message whose agent is authenticated. A peer has forwarded it, or an agent sent it here.
    case message(RunMessage, RunID, AgentName, isCall: Bool, from: NodeName?)
    /// A message that was served is over: its call, stream or request ended.
    case finished(RunMessage, RunID)
    case claimed(RunClaim, ClaimAnswer)
    /// The outcome of a claim is unknown, or the store does not answer.
    case claimFailed(RunClaim)
    /// The peer does not serve the run.
    case notMine(RunMessage)
    /// The connection to the peer was lost.
    case peerLost(RunMessage, wasSent: Bool)
    /// The peer has answered the forwarded message.
    case answered(RunMessage)
    /// A result that raises its run to this level came from a server.
    case result(CallID, RunID, TaintLevel)
    case changed(RunChange)
    /// The store refused a change; nil if its outcome is unknown.
    case changeFailed(RunChange, RunTableRefusal?)
    /// The run's end is in the control chain.
    case runEnded(RunID)
    /// An incarnation of another node was expelled.
    case peerExpelled(NodeName)
    /// The node gives its runs away and takes no new ones.
    case drain
    /// The node has joined anew, also if the store gave it a number that it had: other nodes may serve what it served.
    case joined(Incarnation)
    /// The answer to a heartbeat: the store's generation, and whether this node has put back its runs in it.
    case generation(StoreGeneration, isRestored: Bool)
    /// Called at least every second.
    case tick
}

/// The work that follows from an event. Each claim, change and forwarded message gets an answer or a failure, at the deadline of
/// the store or of the call at the latest.
package enum RunAction: Sendable, Hashable {
    case claim(RunClaim)
    /// The node serves the run from now on. Comes before the first `serve`; `run.attach` is recorded unless the run is
    /// new.
    case attach(RunID, RunAssignment)
    case serve(RunMessage, RunID)
    /// Sends the message to the node that serves the run, with the workload that this node saw. One hop.
    case forward(RunMessage, to: NodeName)
    case refuse(RunMessage, RunRefusal)
    case change(RunChange)
    /// The result may be returned: the level of its run is committed.
    case release(CallID)
    /// The result is withheld: the level of its run is not known to be committed.
    case withhold(CallID)
    /// The node serves the run no more: its sessions end (404), and its parked calls are `unknown` (5020) unless it was
    /// free.
    case drop(RunID)
}

/// The reason why a message is not served.
package enum RunRefusal: Sendable, Hashable, CaseIterable {
    /// HTTP 503 `run-moving`, with `Retry-After`: which node serves the run changes.
    case moving
    /// The store does not answer, and no node is known to serve the run (4030 `store-unavailable`).
    case storeUnavailable
    /// The peer was lost after the message was sent: nothing is resent (5020 `unknown`).
    case unknown
    case ended
    /// The answer to a peer: it asks again.
    case notMine
    /// The run is of another agent.
    case unfit
}
