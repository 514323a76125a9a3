import InterlockCredentials
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel

/// Random numbers that follow from a seed (SplitMix64).
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<count { bytes.append(UInt8(truncatingIfNeeded: next())) }
        return bytes
    }
}

extension JSONObject {
    /// The members of both, of which none is in both.
    func with(_ more: JSONObject) -> JSONObject {
        JSONObject(distinct: members + more.members)
    }
}

/// One run of an agent: its calls, and how each ended.
struct SimulatedRun {
    private enum Course {
        case allowed, denied, unknown, approved, rejected

        init(_ percent: Int) {
            switch percent {
            case 0..<4: self = .denied
            case 4: self = .unknown
            case 5..<9: self = .approved
            case 9: self = .rejected
            default: self = .allowed
            }
        }
    }

    private let plan: QuarterPlan
    private let log: SimulatedLog
    private let member: QuarterPlan.Member
    private let run: RunContext
    private var random: SplitMix
    private var count: Int64 = 0

    private static let digest = OpenSSLHashing().sha256([]).base64
    /// The commitment to a payload that is not stored.
    static let unkept: JSONValue = ["c": .string(digest), "n": 0]

    init(_ number: Int, _ plan: QuarterPlan, _ log: SimulatedLog) {
        self.plan = plan
        self.log = log
        member = plan.agents[number % plan.agents.count]
        var random = SplitMix(seed: plan.seed &* 1_000_003 &+ UInt64(number))
        let id = RunID(milliseconds: log.clock.wall.milliseconds, random: random.bytes(10))
        run = RunContext(run: id, agent: member.name, subject: nil)
        self.random = random
    }

    mutating func live(calls: Int) async throws {
        await log.prepare(run.run)
        _ = try await append(
            .runStart, ["pol": .string(plan.policy.base64), "ver": .string(Self.digest)])
        for _ in 0..<calls { try await call() }
        let records = count + 1
        _ = try await append(.runEnd, ["cnt": .integer(records), "code": "expired"])
    }

    private mutating func append(
        _ type: RecordType, _ fields: JSONObject, sealing payload: String? = nil
    ) async throws -> Receipt {
        count += 1
        var payloads: [(field: String, plaintext: [UInt8])] = []
        if let payload {
            payloads.append((field: payload, plaintext: Array(#"{"id":"T-1001"}"#.utf8)))
        }
        return try await log.append(
            log.writer.record(type, run: run, fields: fields, sealing: payloads))
    }

    private mutating func call() async throws {
        let id = CallID(milliseconds: log.clock.wall.milliseconds, random: random.bytes(10)).text
        switch Course(Int.random(in: 0..<100, using: &random)) {
        case .denied:
            let fields = decided(id, "deny", "search", "read").with([
                "code": "policy.no_grant", "cnt": 1,
            ])
            _ = try await append(.callDenied, fields, sealing: "args")
        case .unknown:
            let intent = try await self.intent(id, "allow", "get_ticket", "read")
            _ = try await append(
                .callUnknown,
                [
                    "call": .string(id), "intent": .string(intent.leafHash.base64),
                    "why": "timeout", "last": "intent",
                ])
        case .approved where member.need > 0: try await approve(id)
        case .rejected where member.need > 0: try await reject(id)
        case .allowed, .approved, .rejected:
            let intent = try await self.intent(id, "allow", "get_ticket", "read")
            try await end(id, of: intent)
        }
    }

    private func decided(
        _ call: String, _ decision: String, _ tool: String, _ risk: String
    ) -> JSONObject {
        [
            "call": .string(call), "dec": .string(decision), "tool": .string("tickets__\(tool)"),
            "risk": .string(risk), "rule": "scope.tickets", "pol": .string(plan.policy.base64),
        ]
    }

    private mutating func intent(
        _ call: String, _ decision: String, _ tool: String, _ risk: String, need: Int? = nil
    ) async throws -> Receipt {
        var fields = decided(call, decision, tool, risk)
        fields["dl"] = "D1"
        fields["in"] = Self.unkept
        if let need { fields["need"] = .integer(Int64(need)) }
        return try await append(.callIntent, fields, sealing: "args")
    }

    private mutating func end(_ call: String, of intent: Receipt) async throws {
        _ = try await append(
            .callOutcome,
            [
                "call": .string(call), "intent": .string(intent.leafHash.base64), "st": "ok",
                "code": "0", "dur": 1_200,
            ], sealing: "res")
    }
}

// Calls that people decide about.
extension SimulatedRun {
    private mutating func approve(_ call: String) async throws {
        let (intent, asked) = try await ask(call)
        var grants: [JSONValue] = []
        let first = Int.random(in: 0..<plan.people.count, using: &random)
        for number in 0..<member.need {
            let person = plan.people[(first + number) % plan.people.count]
            _ = try await append(
                .approvalViewed, asked.with(["by": .string(person), "rev": 1]))
            let vote = try await append(
                .approvalGranted,
                asked.with([
                    "by": .string(person), "via": "cli-key", "bindc": .string(Self.digest),
                    "need": .integer(Int64(member.need)), "proof": Self.unkept,
                    "i": .integer(Int64(number + 1)),
                ]))
            grants.append(["h": .string(vote.leafHash.base64)])
        }
        _ = try await append(
            .approvalUsed,
            asked.with([
                "intent": .string(intent.leafHash.base64), "use": .string(call),
                "bindc": .string(Self.digest), "grants": .array(grants), "row": 1,
            ]))
        try await end(call, of: intent)
    }

    private mutating func reject(_ call: String) async throws {
        let (intent, asked) = try await ask(call)
        _ = try await append(
            .approvalDenied,
            asked.with([
                "by": .string(plan.people[0]), "via": "cli-key", "bindc": .string(Self.digest),
                "need": .integer(Int64(member.need)), "proof": Self.unkept,
            ]))
        let fields = decided(call, "deny", "close_ticket", "write").with([
            "code": "approval.denied", "cnt": 1, "intent": .string(intent.leafHash.base64),
        ])
        _ = try await append(.callDenied, fields)
    }

    /// - Returns: the intent of the call, and the fields that each record of the request has.
    private mutating func ask(_ call: String) async throws -> (Receipt, JSONObject) {
        let intent = try await self.intent(
            call, "approve", "close_ticket", "write", need: member.need)
        let now = log.clock.wall
        let id = ApprovalID(milliseconds: now.milliseconds, random: random.bytes(10))
        let asked: JSONObject = ["appr": .string(id.text), "call": .string(call)]
        _ = try await append(
            .approvalRequested,
            asked.with([
                "intent": .string(intent.leafHash.base64), "group": "release",
                "need": .integer(Int64(member.need)), "rev": 1, "bind": Self.unkept,
                "exp": .integer((now + .seconds(900)).microseconds),
            ]))
        return (intent, asked)
    }
}
