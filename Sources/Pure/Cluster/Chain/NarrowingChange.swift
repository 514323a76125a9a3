package import InterlockJSON
package import InterlockModel

/// A use of an approved request, as `use` of the store consumes it.
package struct GrantUse: Hashable, Sendable {
    package let request: ApprovalID
    /// The number of the use, from 1. No two entries have the same request and number.
    package let number: Int64
    /// The digest of the call that is to be sent.
    package let call: Digest
    /// The leaf of the call's intent in the log of the node.
    package let intent: Digest

    package init(request: ApprovalID, number: Int64, call: Digest, intent: Digest) {
        self.request = request
        self.number = number
        self.call = call
        self.intent = intent
    }

    package var subject: String { "\(request.text)/\(number)" }
}

/// The statement of a node that all entries up to its own leave this state.
package struct ChainSnapshot: Hashable, Sendable {
    /// The digest of the state after the entry, with what it drops dropped.
    package let state: Digest
    /// The number of the entry before it. An entry that came between makes the snapshot void.
    package let after: Int64
    /// The number of an earlier snapshot of at least 30 days before: the uses of requests that ended before it are
    /// dropped. Is nil if nothing is dropped.
    package let drops: Int64?

    package init(state: Digest, after: Int64, drops: Int64? = nil) {
        self.state = state
        self.after = after
        self.drops = drops
    }

    fileprivate var json: JSONValue {
        var object: JSONObject = [
            "after": .integer(after), "state": .string(state.prefixed),
        ]
        if let drops { object["drops"] = .integer(drops) }
        return .object(object)
    }
}

/// A change that only restricts or consumes, so that one node may state it. There is no case that widens.
package enum NarrowingChange: Hashable, Sendable {
    /// The halt of a person, or of a node by its own key.
    case halt(Envelope)
    case use(GrantUse)
    case end(ApprovalID)
    case elevationEnd(ElevationID)
    /// Ends a token; the text is its id (`jti`).
    case tokenEnd(ExactText)
    case runEnd(RunID)
    case quarantine(ServerName)
    case pause(RunID)
    /// The highest stage that the agent has until people promote it.
    case demotion(AgentName, to: TrustStageAssignment)
    case expelled(NodeName, Incarnation)
    case snapshot(ChainSnapshot)

    package var kind: NarrowingKind {
        switch self {
        case .halt: .halt
        case .use: .use
        case .end: .end
        case .elevationEnd: .elevationEnd
        case .tokenEnd: .tokenEnd
        case .runEnd: .runEnd
        case .quarantine: .quarantine
        case .pause: .pause
        case .demotion: .demotion
        case .expelled: .expelled
        case .snapshot: .snapshot
        }
    }

    /// The thing that the change is about, as the store has it. It follows from the signed statement alone.
    package var subject: String {
        switch self {
        case .halt(let envelope): NarrowingChange.orderID(of: envelope)
        case .use(let use): use.subject
        case .end(let request): request.text
        case .elevationEnd(let elevation): elevation.text
        case .tokenEnd(let token): token.text
        case .runEnd(let run): run.text
        case .quarantine(let server): server.text
        case .pause(let run): run.text
        case .demotion(let agent, _): agent.text
        case .expelled(let node, _): node.text
        case .snapshot: "snapshot"
        }
    }

    private static func orderID(of envelope: Envelope) -> String {
        guard let order = try? HaltOrder(envelope) else { return "" }
        return order.id.text
    }

    /// The only element of `orders` in the statement.
    var json: JSONValue {
        switch self {
        case .halt(let envelope): envelope.json
        case .use(let use):
            [
                "call": .string(use.call.prefixed), "intent": .string(use.intent.prefixed),
                "request": .string(use.request.text), "use": .integer(use.number),
            ]
        case .end(let request): ["request": .string(request.text)]
        case .elevationEnd(let elevation): ["elevation": .string(elevation.text)]
        case .tokenEnd(let token): ["token": .string(token.text)]
        case .runEnd(let run): ["run": .string(run.text)]
        case .quarantine(let server): ["server": .string(server.text)]
        case .pause(let run): ["run": .string(run.text)]
        case .demotion(let agent, let stage):
            ["agent": .string(agent.text), "to": .integer(Int64(stage.number))]
        case .expelled(let node, let incarnation):
            ["incarnation": .integer(incarnation.number), "node": .string(node.text)]
        case .snapshot(let snapshot): snapshot.json
        }
    }

    init(_ kind: NarrowingKind, _ json: JSONValue) throws(FormError) {
        func members(_ required: String..., optional: [String] = []) throws(FormError)
            -> StrictFields
        {
            try StrictFields(json, at: "orders[0]", required: required, optional: optional)
        }
        switch kind {
        case .halt:
            let envelope = try Envelope(json: json, at: "orders[0]")
            guard (try? HaltOrder(envelope)) != nil else {
                throw .badMember("orders[0]", "the envelope of a halt")
            }
            self = .halt(envelope)
        case .use:
            let fields = try members("call", "intent", "request", "use")
            self = .use(
                GrantUse(
                    request: try fields.made("request", "a request's id") { ApprovalID($0) },
                    number: try fields.integer("use", in: 1...JSONValue.largestInteger),
                    call: try fields.digest("call"), intent: try fields.digest("intent")))
        case .end:
            self = .end(
                try members("request").made("request", "a request's id") { ApprovalID($0) })
        case .elevationEnd:
            self = .elevationEnd(
                try members("elevation").made("elevation", "an elevation's id") { ElevationID($0) })
        case .tokenEnd: self = .tokenEnd(ExactText(try members("token").string("token")))
        case .runEnd: self = .runEnd(try members("run").made("run", "a run's id") { RunID($0) })
        case .quarantine:
            self = .quarantine(
                try members("server").made("server", "a server's name") { ServerName($0) })
        case .pause: self = .pause(try members("run").made("run", "a run's id") { RunID($0) })
        case .demotion:
            let fields = try members("agent", "to")
            let agent = try fields.made("agent", "an agent's name") { AgentName($0) }
            let number = try fields.integer("to", in: 0...3)
            guard let stage = TrustStageAssignment(Int(number)) else {
                throw fields.bad("to", "a stage")
            }
            self = .demotion(agent, to: stage)
        case .expelled:
            let fields = try members("incarnation", "node")
            let number = try fields.integer("incarnation", in: 1...JSONValue.largestInteger)
            guard let incarnation = Incarnation(number) else {
                throw fields.bad("incarnation", "an incarnation")
            }
            self = .expelled(try fields.node("node"), incarnation)
        case .snapshot:
            let fields = try members("after", "state", optional: ["drops"])
            let range = 0...JSONValue.largestInteger
            self = .snapshot(
                ChainSnapshot(
                    state: try fields.digest("state"),
                    after: try fields.integer("after", in: range),
                    drops: fields.has("drops") ? try fields.integer("drops", in: range) : nil))
        }
    }
}
