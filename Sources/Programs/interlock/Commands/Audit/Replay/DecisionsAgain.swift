import InterlockGateway
import InterlockJSON
import InterlockKeys
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockStore

/// R1: each recorded decision is made again from its committed input, under the policy that decided it
/// or under another one.
struct DecisionsAgain {
    private let log: AuditLog
    private let invocation: Invocation
    /// The policy that is asked instead of the recorded one.
    private let other: PolicySnapshot?
    private var verdicts: [DecisionAgain] = []

    init(of selection: ReplaySelection, in log: AuditLog, _ invocation: Invocation) throws {
        self.log = log
        self.invocation = invocation
        other = try invocation["policy"].map { path throws(Failure) in
            try LoadedPolicy.load(
                path, lock: LockFile.read(LockFile.path(beside: path)), at: SystemClock().now.wall
            ).snapshot
        }
        var replayer = DecisionReplayer(log, other: other)
        var found: [DecisionAgain] = []
        try selection.scan(log) { entry, record in
            found += try replayer.replay(entry, record)
        }
        verdicts = found
    }

    /// Prints what differs and what cannot be told, then the sums.
    func show() throws -> Exit {
        try AuditExport.record(
            kind: .replay, count: verdicts.count, query: invocation.query, from: log)
        let isJSON = invocation.has("json")
        for verdict in verdicts where isJSON || verdict.result != .equal { verdict.show(isJSON) }
        let equal = verdicts.count { $0.result == .equal }
        let differing = verdicts.count { $0.differs }
        let untold = verdicts.count { $0.cannotTell }
        let builds = Set(verdicts.compactMap(\.otherBuild)).sorted { $0.base64 < $1.base64 }
        if isJSON {
            Output.json([
                "decisions": .integer(Int64(verdicts.count)), "equal": .integer(Int64(equal)),
                "differences": .integer(Int64(differing)),
                "cannot_tell": .integer(Int64(untold)),
                "other_builds": .array(builds.map { .string($0.base64) }),
            ])
        } else {
            for build in builds {
                let count = verdicts.count { $0.otherBuild == build }
                Output.error(
                    "warning: \(count) decisions were made by another build (\(build.hex.prefix(16)))"
                )
            }
            let head = other.map { "under \($0.digest.prefixed): " } ?? ""
            Output.line(
                "\(head)\(verdicts.count) decisions made again, \(differing) differences, "
                    + "\(untold) cannot tell")
        }
        return verdicts.contains { $0.isBad } ? .no : .ok
    }
}

/// What became of one decision.
struct DecisionAgain {
    enum Result: Equatable {
        case equal
        case differs([DecisionReplay.Difference])
        /// Erased, by an erasure that is on record.
        case erased(String)
        /// What it rested on is gone or altered, and nothing says that it may be.
        case gone(String)
    }

    let index: UInt64
    let type: String
    let call: String
    let field: String
    let summary: DecisionSummary?
    let otherBuild: Digest?
    let result: Result

    var differs: Bool { if case .differs = result { true } else { false } }
    var cannotTell: Bool { result != .equal && !differs }
    /// Whether the evidence is bad.
    var isBad: Bool {
        switch result {
        case .equal, .erased: false
        case .differs, .gone: true
        }
    }

    func show(_ isJSON: Bool) {
        isJSON ? Output.json(json) : Output.line(text)
    }

    private var text: String {
        let head = "record \(index)  dec_\(call)"
        switch result {
        case .equal: return head + "  equal"
        case .erased(let what), .gone(let what): return head + "  cannot tell: \(what)"
        case .differs(let differences):
            return
                ([head + "  differs"]
                + differences.map { difference in
                    "  \(difference.field): recorded \(TerminalText.shown(difference.recorded)), "
                        + "again \(TerminalText.shown(difference.again))"
                }).joined(separator: "\n")
        }
    }

    private var json: JSONValue {
        var object: JSONObject = [
            "index": .integer(Int64(clamping: index)), "type": .string(type),
            "call": .string(call), "input": .string(field),
        ]
        if let summary { object["decision"] = .object(JSONObject(distinct: summary.fields)) }
        if let otherBuild { object["other_build"] = .string(otherBuild.base64) }
        switch result {
        case .equal: object["result"] = "equal"
        case .erased(let what):
            object["result"] = "cannot_tell"
            object["why"] = .string(what)
        case .gone(let what):
            object["result"] = "gone"
            object["why"] = .string(what)
        case .differs(let differences):
            object["result"] = "differs"
            object["differences"] = .array(
                differences.map {
                    [
                        "field": .string($0.field), "recorded": .string($0.recorded),
                        "again": .string($0.again),
                    ]
                })
        }
        return .object(object)
    }
}
