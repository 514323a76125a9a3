import InterlockJSON
import InterlockLedger
import InterlockModel
import Testing

/// Builds small logs record by record and runs the checker over them.
private struct Script {
    var checker = LogChecker()
    private var links: [String: ChainLink] = [:]

    static func run(_ letter: String) throws -> RunContext {
        RunContext(
            run: try #require(RunID("01kag0q9v4x2m7c8d3e5f6g7h" + letter)),
            agent: try #require(AgentName("refunds")), subject: nil)
    }

    @discardableResult
    mutating func add(_ draft: RecordDraft, link: ChainLink? = nil) throws -> Digest {
        let run = draft.run?.run.text ?? ""
        let link = link ?? links[run] ?? .start
        let leaf = try Leaf(
            draft,
            at: Placement(
                moment: ClockReading(
                    wall: Timestamp(microseconds: 1), boot: BootTime(microseconds: 2)),
                boot: "9c1f04ab", node: "gw1", link: link), hashing: hashing)
        links[run] = link.following(leaf.hash)
        try checker.add(try StoredRecord(parsing: leaf.bytes), hash: leaf.hash)
        return leaf.hash
    }

    mutating func intent(_ run: String, dec: String = "allow") throws -> Digest {
        try add(
            RecordDraft(
                .callIntent, run: try Self.run(run),
                fields: [
                    "call": "01kag0qwz3b5d7f9h1k3m5p7r9", "dec": .string(dec), "dl": "D1",
                    "rule": "scope.tickets", "pol": .string(tree.emptyRoot.base64),
                    "in": Self.commitment, "args": Self.commitment,
                ]))
    }

    static let commitment: JSONValue = ["c": .string(tree.emptyRoot.base64), "n": 2]

    static func close(
        _ type: RecordType, _ intent: Digest, _ run: String, finding: OutcomeFinding = .ran
    ) throws -> RecordDraft {
        var draft = RecordDraft(type, run: try Self.run(run))
        draft.fields["intent"] = .string(intent.base64)
        draft.fields["call"] = "01kag0qwz3b5d7f9h1k3m5p7r9"
        switch type {
        case .callOutcome:
            draft.fields["st"] = "ok"
            draft.fields["code"] = "0"
            draft.fields["dur"] = 1200
        case .callUnknown:
            draft.fields["why"] = "crash"
            draft.fields["last"] = "intent"
        case .outcomeChecked:
            draft = RecordDraft(type, run: nil, fields: draft.fields)
            draft.fields["ofrun"] = .string(try Self.run(run).run.text)
            draft.fields["agent"] = "refunds"
            draft.fields["as"] = .string(finding.rawValue)
            draft.fields["by"] = "qAtvNSliVAlAcLHGLhmnpA=="
        default:
            draft.fields["dec"] = "deny"
            draft.fields["code"] = "policy.no_grant"
            draft.fields["cnt"] = 1
        }
        return draft
    }
}

@Suite struct LogCheckerTests {
    @Test func `in a pruned log a chain and a call may begin among the records that are gone`()
        throws
    {
        var whole = Script()
        let intent = try whole.intent("0")
        var rest = Script()
        let closing = try Script.close(.callOutcome, intent, "0")
        let link = ChainLink(sequence: 1, previous: intent)
        #expect(throws: RecordFault.self) { try rest.add(closing, link: link) }
        rest.checker.skip(intent)
        #expect(throws: RecordFault.self) {
            try rest.add(closing, link: ChainLink(sequence: 1, previous: tree.emptyRoot))
        }
        let outcome = try rest.add(closing, link: link)
        // The call can be closed only once, and the chain continues from there.
        let next = ChainLink(sequence: 2, previous: outcome)
        #expect(throws: RecordFault.notOpen(intent: intent.base64)) {
            try rest.add(closing, link: next)
        }
        try rest.add(
            RecordDraft(.runEnd, run: try Script.run("0"), fields: ["cnt": 3, "code": "done"]),
            link: next)
    }

    @Test func `a start leaves nothing open of what began among the records that are gone`() throws
    {
        let lost = hashing.sha256([1])
        let record = { (text: String) throws in
            try StoredRecord(parsing: Array("{\(text),\"ts\":1,\"v\":1}".utf8))
        }
        let call = "\"call\":\"01kag0qwz3b5d7f9h1k3m5p7r9\","
        let closing =
            "\(call)\"intent\":\"\(lost.base64)\",\"node\":\"gw1\",\"t\":\"call.outcome\""
        let late = closing.replacing("\"node\"", with: "\"late\":true,\"node\"")
        var checker = LogChecker()
        checker.skip(lost)
        let before = checker
        try checker.add(record(closing), hash: hashing.sha256([2]))
        checker = before
        try checker.add(
            record("\"node\":\"gw1\",\"t\":\"log.started\""), hash: hashing.sha256([3]))
        #expect(throws: RecordFault.notOpen(intent: lost.base64)) {
            var copy = checker
            try copy.add(record(closing), hash: hashing.sha256([4]))
        }
        // The record that closed the call as unknown may be pruned too.
        try checker.add(record(late), hash: hashing.sha256([5]))
    }

    @Test(arguments: [
        #"{"node":"gw1","run":"x","t":"log.tick","ts":1,"v":1}"#,
        #"{"node":"gw1","run":1,"t":"log.tick","ts":1,"v":1}"#,
        #"{"call":"dec_01kag0qwz3b5d7f9h1k3m5p7r9","node":"gw1","t":"log.tick","ts":1,"v":1}"#,
        #"{"call":"01kag0qwz3b5d7f9h1k3m5p7r9","node":"gw1","t":"call.intent","ts":1,"v":1}"#,
        #"{"late":false,"node":"gw1","t":"call.outcome","ts":1,"v":1}"#,
    ])
    func `an id that is none, an intent outside a run and a false late are faults`(_ text: String)
        throws
    {
        var checker = LogChecker()
        let record = try StoredRecord(parsing: Array(text.utf8))
        #expect(throws: RecordFault.malformed) {
            try checker.add(record, hash: hashing.sha256([]))
        }
    }

    @Test func `interleaved runs keep their chains and every call is closed once`() throws {
        var script = Script()
        let first = try script.intent("0")
        let second = try script.intent("1")
        try script.add(try Script.close(.callOutcome, second, "1"))
        #expect(script.checker.open.keys.map(\.hex) == [first.hex])
        try script.add(try Script.close(.callDenied, first, "0"))
        #expect(script.checker.open.isEmpty)
        #expect(script.checker.runs.count == 2)
    }

    @Test func `a second closing record is a fault, but one late outcome after unknown is not`()
        throws
    {
        var script = Script()
        let intent = try script.intent("0")
        try script.add(try Script.close(.callUnknown, intent, "0"))
        var late = try Script.close(.callOutcome, intent, "0")
        late.fields["late"] = true
        try script.add(late)
        let again = late
        #expect(throws: RecordFault.notOpen(intent: intent.base64)) {
            var copy = script
            try copy.add(again)
        }
        #expect(throws: RecordFault.notOpen(intent: intent.base64)) {
            var copy = script
            try copy.add(try Script.close(.callOutcome, intent, "0"))
        }
    }

    @Test func `a finding is about a call whose outcome is unknown, and only about that one`()
        throws
    {
        var script = Script()
        let intent = try script.intent("0")
        let finding = try Script.close(.outcomeChecked, intent, "0")
        #expect(throws: RecordFault.notUnknown(intent: intent.base64)) {
            var copy = script
            try copy.add(finding)
        }
        try script.add(try Script.close(.callUnknown, intent, "0"))
        #expect(script.checker.heads.calls.unchecked.keys.map(\.hex) == [intent.hex])
        #expect(throws: RecordFault.foreignCloser(intent: intent.base64)) {
            var copy = script
            try copy.add(try Script.close(.outcomeChecked, intent, "1"))
        }
        try script.add(finding)
        #expect(script.checker.heads.calls.unchecked.isEmpty)
        #expect(script.checker.unknown.map(\.hex) == [intent.hex])
        var late = try Script.close(.callOutcome, intent, "0")
        late.fields["late"] = true
        try script.add(late)
        #expect(throws: RecordFault.notUnknown(intent: intent.base64)) {
            var copy = script
            try copy.add(finding)
        }
    }

    @Test func `a finding may be about a call among the records that are gone`() throws {
        var whole = Script()
        let intent = try whole.intent("0")
        var rest = Script()
        rest.checker.skip(intent)
        try rest.add(try Script.close(.outcomeChecked, intent, "0", finding: .stillUnknown))
        try rest.add(try Script.close(.outcomeChecked, intent, "0"))
        #expect(throws: RecordFault.checkedAlready(intent: intent.base64)) {
            try rest.add(try Script.close(.outcomeChecked, intent, "0"))
        }
    }

    @Test func `findings may follow "still unknown", none a final one, also after a restart`()
        throws
    {
        var script = Script()
        let intent = try script.intent("0")
        try script.add(try Script.close(.callUnknown, intent, "0"))
        for finding in [OutcomeFinding.stillUnknown, .stillUnknown, .notRun] {
            try script.add(try Script.close(.outcomeChecked, intent, "0", finding: finding))
        }
        let bytes = script.checker.heads.encoded()
        let heads = try #require(LogHeads(decoding: bytes, in: 0..<bytes.count))
        #expect(heads.calls == script.checker.heads.calls)
        #expect(heads.calls.settled.map(\.hex) == [intent.hex])
        for finding in OutcomeFinding.allCases {
            #expect(throws: RecordFault.checkedAlready(intent: intent.base64)) {
                var copy = script
                try copy.add(try Script.close(.outcomeChecked, intent, "0", finding: finding))
            }
        }
        var late = try Script.close(.callOutcome, intent, "0")
        late.fields["late"] = true
        try script.add(late)
        #expect(script.checker.heads.calls.settled.isEmpty)
    }

    @Test func `a call whose true outcome came needs no finding`() throws {
        var script = Script()
        let intent = try script.intent("0")
        try script.add(try Script.close(.callUnknown, intent, "0"))
        let decoded = try #require(
            LogHeads(
                decoding: script.checker.heads.encoded(),
                in: 0..<script.checker.heads.encoded().count))
        #expect(decoded.calls == script.checker.heads.calls)
        let call = try #require(decoded.calls.unchecked[intent])
        #expect(call.since == Timestamp(microseconds: 1) && call.intent.hash == intent)
        var late = try Script.close(.callOutcome, intent, "0")
        late.fields["late"] = true
        try script.add(late)
        #expect(script.checker.heads.calls.unchecked.isEmpty)
        #expect(script.checker.heads.encoded()[0] == 0)
    }

    @Test func `a hole in a run's chain, a wrong predecessor and a foreign closing are faults`()
        throws
    {
        var script = Script()
        let intent = try script.intent("0")
        let draft = RecordDraft(
            .runEnd, run: try Script.run("0"), fields: ["cnt": 2, "code": "expired"])
        for link in [
            ChainLink(sequence: 2, previous: intent), ChainLink(sequence: 1, previous: nil),
            ChainLink(sequence: 1, previous: tree.emptyRoot), .start,
        ] {
            #expect(throws: RecordFault.brokenChain(run: "01kag0q9v4x2m7c8d3e5f6g7h0")) {
                var copy = script
                try copy.add(draft, link: link)
            }
        }
        #expect(throws: RecordFault.foreignCloser(intent: intent.base64)) {
            var copy = script
            try copy.add(try Script.close(.callOutcome, intent, "1"))
        }
    }

    @Test func `after a restart what waited for approval was not sent and the rest is unknown`()
        throws
    {
        var script = Script()
        let allowed = try script.intent("0")
        let waiting = try script.intent("1", dec: "approve")
        let used = try script.intent("2", dec: "approve")
        try script.add(
            RecordDraft(
                .approvalUsed, run: try Script.run("2"),
                fields: [
                    "appr": "01kag0qx0e2g4j6m8p0r2t4v6x", "call": "01kag0qwz3b5d7f9h1k3m5p7r9",
                    "intent": .string(used.base64), "use": "01kag0qwz3b5d7f9h1k3m5p7r9",
                    "bindc": .string(tree.emptyRoot.base64), "grants": [], "row": 2,
                ]))
        let drafts = script.checker.open.mapValues(\.afterRestart)
        #expect(drafts[allowed]?.type == .callUnknown)
        #expect(drafts[allowed]?.fields["last"] == "intent")
        #expect(drafts[waiting]?.type == .callDenied)
        #expect(drafts[waiting]?.fields["code"] == "audit.restart")
        #expect(drafts[used]?.fields["last"] == "approval.used")
        for draft in drafts.values { try script.add(draft) }
        #expect(script.checker.open.isEmpty)
    }
}
