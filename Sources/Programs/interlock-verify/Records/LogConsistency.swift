/// The requirements on records that each can meet alone and only one log as a whole: one genesis, one node, one agent in a
/// run, known policies, fields of one kind (docs/auditing.md, section 6).
struct LogConsistency {
    private var node: Octets?
    private var agents: [RecordID: Octets] = [:]
    private var policies: Set<Digest> = []
    private var isWhole = true
    private var isFirst = true

    mutating func addPruned() {
        isFirst = false
        isWhole = false
    }

    mutating func add(_ record: Record, at index: UInt64) throws(Fault) {
        let fields = record.fields
        if isFirst {
            isFirst = false
            isWhole = index == 0 && fields.range("from") == nil
        }
        guard index == 0 || record.type != "log.genesis" else { throw Fault("a log begins once") }
        try checkKinds(fields)
        let written = fields.text("node")
        defer { node = node ?? written }
        guard node == nil || node == written else {
            throw Fault("it is of another node than the records before")
        }
        if let run = record.run, record.sequence != nil {
            if let agent = fields.text("agent") {
                guard agents[run, default: agent] == agent else {
                    throw Fault("it is of another agent than the records of its run")
                }
                agents[run] = agent
            }
            if record.type == "run.end" { agents[run] = nil }
        }
        guard let policy = fields.digest("pol") else { return }
        if record.type == "policy.loaded" { policies.insert(policy) }
        guard record.type == "call.intent", isWhole, !policies.isEmpty else { return }
        guard policies.contains(policy) else {
            throw Fault("it names a policy that was not in force")
        }
    }

    private func checkKinds(_ fields: JSONObject) throws(Fault) {
        for name in Self.names where fields.range(name) != nil {
            guard let text = fields.text(name), !text.bytes.isEmpty else { throw Self.kind(name) }
        }
        for name in Self.ids where fields.range(name) != nil {
            guard let text = fields.text(name), RecordID(text.bytes) != nil else {
                throw Self.kind(name)
            }
        }
        for name in Self.digests where fields.range(name) != nil && fields.digest(name) == nil {
            throw Self.kind(name)
        }
        for name in Self.counts where fields.range(name) != nil && fields.integer(name) == nil {
            throw Self.kind(name)
        }
    }

    private static func kind(_ name: StaticString) -> Fault {
        Fault("`\(name)` has a value of another kind")
    }

    private static let names: [StaticString] = [
        "agent", "code", "dec", "risk", "rule", "st", "tool",
    ]
    private static let ids: [StaticString] = ["appr", "call", "run"]
    private static let digests: [StaticString] = ["bindc", "intent", "pol", "toolv"]
    private static let counts: [StaticString] = ["cnt", "need", "rev"]
}
