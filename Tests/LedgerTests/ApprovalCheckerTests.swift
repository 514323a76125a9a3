import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

/// Records about one approved call, each as the fields that matter.
private struct Approval {
    static let by = ["qAtvNSliVAlAcLHGLhmnpA==", "AAAAAAAAAAAAAAAAAAAAAA=="]
    static let shown = hashing.sha256([7])
    var checker = ApprovalChecker(origin: "acme/gw1/2026")
    var index: UInt64 = 0
    var fault: ApprovalFault?

    @discardableResult
    mutating func add(_ type: RecordType, _ fields: JSONObject = [:]) throws -> Digest {
        var object: JSONObject = [
            "v": 1, "t": .string(type.rawValue), "ts": .integer(Int64(index)), "node": "gw1",
            "run": "01kag0q9v4x2m7c8d3e5f6g7h8", "rs": .integer(Int64(index)),
        ]
        for (name, value) in fields.members { object[name] = value }
        let bytes = try JSONValue.object(object).canonical()
        let hash = hashing.sha256(bytes.span)
        let record = try StoredRecord(parsing: bytes)
        do throws(ApprovalFault) { try checker.add(record, hash: hash, at: index) } catch {
            fault = fault ?? error
        }
        index += 1
        return hash
    }

    mutating func begin(_ fields: JSONObject = [:]) throws {
        var genesis: JSONObject = ["origin": "acme/gw1/2026"]
        for (name, value) in fields.members { genesis[name] = value }
        try add(.logGenesis, genesis)
    }

    mutating func enrol(founding: Bool) throws {
        for person in Self.by {
            try add(
                .approverEnrolled,
                ["by": .string(person), "kind": "ed25519", "founding": .bool(founding)])
        }
    }

    mutating func intent() throws -> Digest {
        try add(
            .callIntent, ["call": "01kag0qwz3b5d7f9h1k3m5p7r9", "dec": "approve", "need": 2])
    }

    static let request: JSONObject = [
        "appr": "01kag0qx0e2g4j6m8p0r2t4v6x", "call": "01kag0qwz3b5d7f9h1k3m5p7r9",
    ]

    static func asking(_ more: JSONObject) -> JSONObject {
        var fields = request
        for (name, value) in more.members { fields[name] = value }
        return fields
    }

    mutating func ask(uses: JSONValue? = nil) throws {
        var fields: JSONObject = ["bind": ["c": .string(Self.shown.base64), "n": 2], "need": 2]
        fields["uses"] = uses
        try add(.approvalRequested, Self.asking(fields))
    }

    mutating func vote(_ person: Int) throws -> Digest {
        try add(
            .approvalGranted,
            Self.asking([
                "by": .string(Self.by[person]), "bindc": .string(Self.shown.base64), "need": 2,
                "via": "cli-key", "proof": ["c": .string(Self.shown.base64), "n": 2],
            ]))
    }

    mutating func use(_ intent: Digest, _ votes: [Digest], control: JSONValue? = nil) throws {
        var fields: JSONObject = [
            "bindc": .string(Self.shown.base64), "intent": .string(intent.base64),
            "use": "01kag0qwz3b5d7f9h1k3m5p7r9",
            "grants": .array(votes.map { ["h": .string($0.base64)] }),
        ]
        fields["ctl"] = control
        try add(.approvalUsed, Self.asking(fields))
    }

    mutating func close(_ intent: Digest, _ type: RecordType = .callOutcome) throws {
        try add(
            type, ["call": "01kag0qwz3b5d7f9h1k3m5p7r9", "intent": .string(intent.base64)])
    }
}

@Suite(.requirement("R097")) struct ApprovalCheckerTests {
    @Test func `an approved call is executed after the use of its approval`() throws {
        var log = Approval()
        try log.begin()
        try log.enrol(founding: true)
        let intent = try log.intent()
        try log.ask()
        let votes = [try log.vote(0), try log.vote(1)]
        try log.use(intent, votes)
        try log.close(intent)
        #expect(log.fault == nil)
        #expect(log.checker.unchecked.isEmpty)
        #expect(log.checker.uses == 1)
    }

    @Test func `an approval is used as often as its request says, and no more`() throws {
        for uses in [2, 1] {
            var log = Approval()
            try log.begin()
            try log.enrol(founding: true)
            let first = try log.intent()
            try log.ask(uses: .integer(Int64(uses)))
            let votes = [try log.vote(0), try log.vote(1)]
            try log.use(first, votes)
            try log.close(first)
            let second = try log.intent()
            try log.use(second, votes)
            try log.close(second)
            #expect(log.fault == (uses == 2 ? nil : .afterTheEnd))
            let third = try log.intent()
            try log.use(third, votes)
            #expect(log.fault == .afterTheEnd)
        }
    }

    @Test(arguments: [0, -1, 11, "2"] as [JSONValue])
    func `a request whose uses are no number from 1 to 10 is malformed`(uses: JSONValue) throws {
        var log = Approval()
        try log.begin()
        _ = try log.intent()
        try log.ask(uses: uses)
        #expect(log.fault == .malformed)
    }

    @Test(arguments: [RecordType.callOutcome, .callUnknown])
    func `a call that people had to approve does not end without it`(_ type: RecordType) throws {
        var log = Approval()
        try log.begin()
        let intent = try log.intent()
        try log.close(intent, type)
        #expect(log.fault == .notApproved)
    }

    @Test func `a refusal needs no approval`() throws {
        var log = Approval()
        try log.begin()
        let intent = try log.intent()
        try log.close(intent, .callDenied)
        #expect(log.fault == nil)
    }

    @Test func `a voter must be enrolled if the log has every enrolment, else it is unchecked`()
        throws
    {
        for founding in [true, false] {
            var log = Approval()
            try log.begin()
            try log.add(
                .approverEnrolled,
                [
                    "by": .string(Approval.by[0]), "kind": "ed25519",
                    "founding": .bool(founding),
                ])
            let intent = try log.intent()
            try log.ask()
            let votes = [try log.vote(0), try log.vote(1)]
            try log.use(intent, votes)
            #expect(log.fault == (founding ? .notEnrolled : nil))
            #expect(log.checker.unchecked.isEmpty == founding)
        }
    }

    @Test func `after absent records the use of an unseen request is unchecked, not passed`()
        throws
    {
        var log = Approval()
        log.checker.skip()
        log.index = 1
        let intent = try log.intent()
        try log.use(intent, [Approval.shown])
        try log.close(intent)
        #expect(log.fault == nil)
        #expect(log.checker.uses == 0)
        #expect(log.checker.unchecked.count == 1)
        // It is used up nevertheless, and what follows its end is a fault.
        try log.ask()
        #expect(log.fault == .afterTheEnd)
    }

    @Test(arguments: [(true, true), (true, false), (false, true)])
    func `another node's request may be used only where a cluster is checked, by an entry`(
        isOfCluster: Bool, hasEntry: Bool
    ) throws {
        let entry: JSONValue = ["digest": .string(Approval.shown.base64), "n": 7]
        let isExcused = isOfCluster && hasEntry
        var log = Approval()
        log.checker = ApprovalChecker(origin: "acme/gw1/2026", isOfCluster: isOfCluster)
        try log.begin()
        try log.enrol(founding: true)
        let intent = try log.intent()
        try log.use(intent, [Approval.shown], control: hasEntry ? entry : nil)
        try log.close(intent)
        #expect(log.fault == (isExcused ? nil : .unknownRequest))
        #expect(log.checker.unchecked.isEmpty == !isExcused)
        #expect(log.checker.uses == 0)
    }

    @Test func `a log that continues another one is checked like a pruned one`() throws {
        var log = Approval()
        try log.begin(["from": ["o": "acme/gw1/2025", "size": 1]])
        let intent = try log.intent()
        try log.use(intent, [Approval.shown])
        #expect(log.fault == nil)
        #expect(log.checker.unchecked.count == 1)
    }

    @Test func `a vote in another log is unchecked, and one in this log is no such vote`() throws {
        for origin in ["acme/gw2/2026", "acme/gw1/2026"] {
            var log = Approval()
            try log.begin()
            try log.enrol(founding: true)
            let intent = try log.intent()
            try log.ask()
            let vote = try log.vote(0)
            try log.add(
                .approvalUsed,
                Approval.asking([
                    "bindc": .string(Approval.shown.base64), "intent": .string(intent.base64),
                    "use": "01kag0qwz3b5d7f9h1k3m5p7r9",
                    "grants": [
                        ["h": .string(vote.base64)],
                        ["h": .string(Approval.shown.base64), "o": .string(origin)],
                    ],
                ]))
            #expect((log.fault == nil) == (origin == "acme/gw2/2026"))
            #expect(log.checker.unchecked.count == (origin == "acme/gw2/2026" ? 1 : 0))
        }
    }
}
