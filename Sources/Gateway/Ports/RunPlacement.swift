package import InterlockModel

/// Decides which node of a cluster serves a request, and passes it on if another one does (docs/specs/cluster.md, section
/// 4). A gateway that is alone has none. Safe from any thread.
package protocol RunPlacement: Sendable {
    /// Places a request whose agent is authenticated. Suspends for the store if no node is known to serve the run, for the
    /// record of a run that came from another node, and for the whole response if another node gives it.
    ///
    /// A place `here` must be ended by `end`, once. `exchange` has its response only if the place is `answered`.
    func place(_ request: PlacedRequest, _ exchange: any Exchange) async -> PlacementResult

    /// Ends the use of a run by a request: its response, its stream and the calls that it began are over.
    func end(_ stay: RunStay)

    /// Returns true once the store has the level of the run. False withholds the content that raised it. Does not suspend
    /// if the store has the level already.
    func commit(_ level: TaintLevel, of call: CallID, in run: RunID) async -> Bool

    /// Returns true if this node serves the run now.
    func serves(_ run: RunID) -> Bool
}

/// A request of an authenticated agent.
package struct PlacedRequest: Sendable {
    package let head: RequestHead
    package let body: [UInt8]
    package let run: RunID
    package let agent: AgentName
    /// True if the request may call something: it counts as a call of the run.
    package let isCall: Bool

    package init(
        _ head: RequestHead, _ body: [UInt8], run: RunID, agent: AgentName, isCall: Bool
    ) {
        self.head = head
        self.body = body
        self.run = run
        self.agent = agent
        self.isCall = isCall
    }
}

/// The use of a run by one request at this node.
package struct RunStay: Sendable, Hashable {
    package let number: Int64
    package let run: RunID

    package init(_ number: Int64, of run: RunID) {
        self.number = number
        self.run = run
    }
}

/// The place where a request is served.
package enum PlacementResult: Sendable {
    case here(RunStay)
    /// The request has its response: from the node that serves the run, or `run-moving`.
    case answered
    case refused(Refusal)
    /// The node that served the request was lost while it sent events: the stream is open, and this is its end.
    case broken(Refusal)
    /// The run has ended, or is another agent's: the credential is not valid any more.
    case invalidRun
}

/// A run that this node begins to serve, with what the node before left of it.
package struct RunAttachment: Sendable, Hashable {
    package let run: RunID
    package let agent: AgentName
    /// The name of the node on which the run began; nil if that is this one.
    package let home: String?
    package let level: TaintLevel
    /// True if only another process had the values of earlier results, the calls that waited and the loop counts.
    package let hasLostMemory: Bool

    package init(
        run: RunID, agent: AgentName, home: String?, level: TaintLevel, hasLostMemory: Bool
    ) {
        self.run = run
        self.agent = agent
        self.home = home
        self.level = level
        self.hasLostMemory = hasLostMemory
    }
}

/// The memory of runs on this node. Safe from any thread.
package protocol RunMemory: Sendable {
    /// Takes a run over from another node or process: its level, and that earlier values are unknown. Durable on return.
    ///
    /// - Returns: false if it could not be recorded; the run is not served then.
    func attach(_ attachment: RunAttachment) async -> Bool

    /// Ends the sessions and calls of a run that this node has lost. Must not block.
    func lose(_ run: RunID)
}

/// Sends requests of agents to other nodes. Safe from any thread.
package protocol RequestForwarder: Sendable {
    /// Sends the request, with the workload that this node saw, and passes the response on as it comes. The end of one
    /// side ends the other.
    ///
    /// - Parameter node: the name of an admitted member.
    func forward(
        _ request: PlacedRequest, to node: String, _ exchange: any Exchange
    ) async -> ForwardResult

    /// Gives up all requests that wait for a node, because it was expelled.
    func abandon(_ node: String)
}

/// The end of a forwarded request.
package enum ForwardResult: Sendable, Hashable {
    /// The exchange has its response, or its client has left.
    case answered
    /// A stream has begun, and its rest is lost; it is open.
    case broken
    /// The node does not serve the run; the exchange has no response.
    case notMine
    /// The node did not respond; the exchange has no response.
    ///
    /// - Parameter wasSent: true if the node may have received the request.
    case lost(wasSent: Bool)
}
