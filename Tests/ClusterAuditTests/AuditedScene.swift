import InterlockCluster
import InterlockClusterAudit
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting

/// Two nodes and one run: `gw1` asks people and is lost, `gw2` takes the run over and uses the approval, and the agent is
/// halted at its end. An edit changes one thing of it.
struct AuditedScene {
    enum Edit: String, CaseIterable {
        case voteOnAnother, voteOfStranger, voteMissing, voteUnsigned
        case usedTwice, useWithoutEntry, usedTooOften
        case useUnrecorded
        case noHome, otherHome, homeOnNode, homeOnOtherNode, homeInTwoForms, endMissing, endShort
        case callAfterHalt
        case logOfStranger, callBeforeAdmission, logMissing
        case tooManyUnits
        case useUnderOther, useRefused
        case otherPolicy, otherLoaded, decisionWithoutEntry
        case tickOfFork, tickBeyond, tickEarlier, haltOfOtherKind
        case chainCut
    }

    private(set) var chain: AuditedChain
    private(set) var logs: [NodeLog]

    init(_ edit: Edit? = nil) throws {
        chain = try AuditedChain()
        let first = chain.head.unwrapped.inRecords
        try chain.admit()
        let second = try chain.revise().inRecords
        var one = try RecordedLog("gw1")
        var two = try RecordedLog("gw2")
        if edit == .callBeforeAdmission { _ = try two.intent("allow", first) }
        try one.load(second)
        try two.load(second, edit == .otherLoaded ? RecordedLog.form : AuditedChain.policy)

        // The run begins on the first node, which asks people and is lost.
        let start = try one.add(.runStart, inRun: true)
        let asked = try one.intent("approve", second)
        try one.add(
            .approvalRequested, inRun: true,
            [
                "appr": .string(RecordedLog.request), "need": 2, "uses": 1,
                "bind": ["c": .string(RecordedLog.form.base64), "n": 2],
            ])
        let mine = try one.vote(by: AuditedChain.li.trusted.pseudonym, inRun: true, second)
        try one.add(
            .callDenied, inRun: true,
            [
                "intent": .string(asked.base64), "ctl": second,
                "pol": .string(AuditedChain.policy.base64),
            ])
        let read = try one.intent(
            "allow", edit == .decisionWithoutEntry ? nil : second,
            policy: edit == .otherPolicy ? RecordedLog.form : AuditedChain.policy, units: 3)
        try one.add(.callOutcome, inRun: true, ["intent": .string(read.base64)])

        // A vote at the other node, which then takes the run over.
        let stranger = Pseudonym(text: Base64.encode([UInt8](repeating: 9, count: 16)))
        let other = try two.vote(
            by: edit == .voteOfStranger ? stranger : AuditedChain.sam.trusted.pseudonym,
            inRun: false, second,
            request: edit == .voteOnAnother ? RecordedLog.call : RecordedLog.request,
            isSigned: edit != .voteUnsigned)
        var home: JSONObject = [
            "home": [
                "o": .string(one.log.origin),
                "h": .string((edit == .otherHome ? asked : start).base64),
            ]
        ]
        switch edit {
        case .noHome: home = [:]
        case .homeOnNode: home = ["home": ["node": "gw1"]]
        case .homeOnOtherNode: home = ["home": ["node": "gw2"]]
        case .homeInTwoForms: home = ["home": ["node": "gw1", "o": .string(one.log.origin)]]
        default: break
        }
        try two.add(.runStart, inRun: true, home)
        let intent = try two.intent("approve", second)
        let use = try chain.use(of: intent, number: 1, by: 2)
        let grants: [JSONValue] = [
            ["o": .string(one.log.origin), "h": .string(mine.base64)],
            ["h": .string((edit == .voteMissing ? intent : other).base64)],
        ]
        if edit != .useUnrecorded {
            try two.use(
                of: intent, edit == .useWithoutEntry ? nil : use, grants,
                units: edit == .tooManyUnits ? 4 : 2,
                policy: edit == .useUnderOther || edit == .useRefused
                    ? RecordedLog.form : AuditedChain.policy)
        }
        try two.add(
            edit == .useRefused ? .callDenied : .callOutcome, inRun: true,
            ["intent": .string(intent.base64)])
        if edit == .usedTwice { try two.use(of: intent, use, grants, units: 0) }
        if edit == .usedTooOften {
            let again = try two.intent("approve", second)
            let use = try chain.use(of: again, number: 2, by: 2)
            try two.use(of: again, use, grants, units: 0)
        }

        // The halt comes, and the run ends.
        let halt = try chain.halt("refunds")
        try two.add(.controlEntry, ["ctl": halt.inRecords, "kind": "halt"])
        try two.add(
            .killRequested, ["ctl": edit == .haltOfOtherKind ? second : halt.inRecords])
        if edit == .callAfterHalt { _ = try two.intent("allow", second) }
        try two.tick(halt, edit)
        let attached: JSONValue = [
            [
                "o": .string(one.log.origin), "h": .string(one.last.unwrapped.base64),
                "cnt": .integer(one.count - (edit == .endShort ? 1 : 0)),
            ]
        ]
        try two.add(.runEnd, inRun: true, edit == .endMissing ? [:] : ["att": attached])
        logs = [one.log, two.log]
        if edit == .logOfStranger { logs.append(try RecordedLog("gw9").log) }
        if edit == .logMissing { logs.removeFirst() }
        isCut = edit == .chainCut
    }

    private let isCut: Bool

    func findings(lost: Set<NodeName> = []) throws -> [ClusterFinding] {
        let rows = isCut ? Array(chain.rows.dropLast()) : chain.rows
        return ClusterAudit.findings(try chain.history(rows), logs, lost: lost)
    }
}

extension AuditedChain {
    fileprivate mutating func use(
        of intent: Digest, number: Int64, by node: UInt8
    ) throws -> JSONValue {
        let use = GrantUse(
            request: ApprovalID(RecordedLog.request).unwrapped, number: number,
            call: Self.policy, intent: intent)
        return try append(.narrowing(.use(use)), by: node).inRecords
    }
}

extension RecordedLog {
    fileprivate mutating func load(
        _ entry: JSONValue, _ policy: Digest = AuditedChain.policy
    ) throws {
        // A start records its policy before the node has joined, and again with the entry.
        try add(.policyLoaded, ["pol": .string(policy.base64)])
        try add(.policyLoaded, ["pol": .string(policy.base64), "ctl": entry])
    }

    fileprivate mutating func tick(_ halt: ChainHead, _ edit: AuditedScene.Edit?) throws {
        try add(.logTick, ["ctl": halt.inRecords])
        switch edit {
        case .tickOfFork:
            let other = ChainHead(number: halt.number, digest: Self.form)
            try add(.logTick, ["ctl": other.inRecords])
        case .tickBeyond:
            let other = ChainHead(number: 99, digest: halt.digest)
            try add(.logTick, ["ctl": other.inRecords])
        case .tickEarlier:
            let first = try AuditedChain().head.unwrapped
            try add(.logTick, ["ctl": first.inRecords])
        default: break
        }
    }
}
