import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicyCommands
import InterlockTesting
import Testing

@testable import InterlockTrust

/// A year of one agent in a real ledger: what it does, what people and the gateway decide about it, and the points at which
/// its trust is compared. Everything that a leaf only commits to is in `facts`.
struct SimulatedYear {
    /// The facts that the log does not show by itself.
    struct Facts {
        /// The tasks by the leaf of the intent, and by the call.
        var tasks: [Digest: String] = [:]
        var tasksByCall: [String: String] = [:]
        /// The lists of files by the leaf of `run.start`, and by the run.
        var files: [Digest: JSONObject] = [:]
        var filesByRun: [String: JSONObject] = [:]
        /// The limit of each tool that a policy grants.
        var policies: [Digest: [String: Int64]] = [:]
    }

    /// A size of the log and a time at which the trust is asked for.
    struct Point {
        let size: UInt64
        let time: Timestamp
        /// The stage by the documents that people signed.
        let stage: AutonomyStage
        let cooldownEnd: Timestamp?
        let what: String
    }

    /// A promotion with its evidence, as files.
    struct Promoted {
        /// The payload that people signed.
        let document: [UInt8]
        let snapshot: [UInt8]
    }

    let log: YearLog
    let file: CriteriaFile
    var criteria: TrustCriteria { file.criteria }
    private(set) var facts = Facts()
    private(set) var points: [Point] = []
    private(set) var promotions: [Promoted] = []
    private(set) var history = StageHistory()
    private var random = SeededGenerator.announced()
    private var runs: Int64 = 0
    private var size: UInt64 = 0
    var day: Int64 = 0
    private(set) var policy = SimulatedYear.policy("first")
    var model = "model-a"
    var changedFiles: Set<String> = []

    static let hashing = OpenSSLHashing()
    static let person: JSONValue = "qAtvNSliVAlAcLHGLhmnpA=="
    private static let digest = hashing.sha256([]).base64
    /// The commitment to a payload that is not stored.
    static let unkept: JSONValue = ["c": .string(digest), "n": 0]
    private static let aDay = Int64(86_400) * 1_000_000
    private static let tasks = ["visit", "answer", "refund"]
    private static let keys = (21...22).map {
        Ed25519PrivateKey(seed: [UInt8](repeating: UInt8($0), count: 32)).unwrapped
    }

    static func policy(_ name: String) -> Digest { hashing.sha256(Array(name.utf8)) }

    init(_ log: YearLog, under file: CriteriaFile) {
        self.log = log
        self.file = file
        facts.policies = [
            Self.policy("first"): ["get": 9], Self.policy("narrower"): ["get": 5],
            Self.policy("wider"): ["get": 5, "pay": 1],
        ]
    }

    var now: Timestamp { log.clock.now.wall }

    // Records.

    mutating func append(
        _ type: RecordType, _ fields: JSONObject, run: RunContext? = nil
    ) async throws -> Receipt {
        let receipt = try await log.append(RecordDraft(type, run: run, fields: fields))
        size = receipt.index + 1
        return receipt
    }

    private static func id(_ number: Int64) -> String {
        let id: CallID = Identifier(
            milliseconds: number, random: [UInt8](repeating: 9, count: 10))
        return id.text
    }

    mutating func point(_ what: String) {
        points.append(
            Point(
                size: size, time: now, stage: history.earned(at: now),
                cooldownEnd: history.cooldownEnd.flatMap { now < $0 ? $0 : nil }, what: what))
    }

    /// Waits until the beginning of a day of the year, and takes a point there.
    mutating func wait(until next: Int64) {
        precondition(next > day, "the year goes on")
        log.clock.advance((next - day) * Self.aDay)
        day = next
        point("day \(next)")
    }
}

// The runs of the agent.
extension SimulatedYear {
    enum Course {
        case clean, denied, empty, eval, granted
    }

    mutating func run(_ course: Course, keepsOpen: Bool = false) async throws {
        runs += 1
        let id: RunID = Identifier(
            milliseconds: now.microseconds / 1_000,
            random: [UInt8](repeating: UInt8(runs % 251), count: 10))
        let run = RunContext(run: id, agent: TrustFixture.agent, subject: nil)
        let task = Self.tasks[Int(runs) % Self.tasks.count]
        var count: Int64 = 0
        func draft(_ fields: JSONObject) -> JSONObject {
            count += 1
            return fields
        }
        let files = try filesOfRun()
        var start: JSONObject = [
            "pol": .string(policy.base64), "ver": .string(Self.digest),
            "fp": .string(files.digest.base64),
        ]
        if course == .eval { start["kind"] = "eval" }
        let started = try await append(.runStart, draft(start), run: run)
        facts.files[started.leafHash] = files.lists
        facts.filesByRun[id.text] = files.lists
        for asked in [model, "helper"] {
            _ = try await append(
                .netConnect,
                draft([
                    "call": .string(Self.id(runs * 10 + 1)), "dec": "allow",
                    "pol": .string(policy.base64), "acc": "model", "model": .string(asked),
                ]), run: run)
        }
        if course == .denied {
            _ = try await append(
                .callDenied,
                draft(["code": "policy.no_grant", "dec": "deny", "cnt": 1, "tl": 1]), run: run)
        }
        if course != .empty {
            let call = Self.id(runs * 10)
            let intent = try await append(
                .callIntent,
                draft([
                    "call": .string(call), "dec": "allow", "dl": "D1", "risk": "read",
                    "tool": "tickets__get", "rule": "scope.tickets",
                    "pol": .string(policy.base64), "in": Self.unkept, "args": Self.unkept,
                ]), run: run)
            facts.tasks[intent.leafHash] = task
            facts.tasksByCall[call] = task
            if course == .granted {
                _ = try await append(.approvalRequested, draft(Self.asked(call)), run: run)
                _ = try await append(.approvalGranted, draft(Self.granted(call)), run: run)
            }
            _ = try await append(
                .callOutcome,
                draft([
                    "call": .string(call), "intent": .string(intent.leafHash.base64),
                    "st": "ok", "code": "0", "dur": 1_200,
                ]), run: run)
        }
        if keepsOpen { return }
        _ = try await append(
            .runEnd, ["cnt": .integer(count + 1), "code": "expired"], run: run)
    }

    private static func asked(_ call: String) -> JSONObject {
        [
            "appr": .string(call), "call": .string(call), "bind": unkept, "exp": 1,
            "group": "leads", "need": 1, "rev": 1,
        ]
    }

    private static func granted(_ call: String) -> JSONObject {
        [
            "appr": .string(call), "call": .string(call), "bindc": .string(digest), "by": person,
            "i": 1, "need": 1, "proof": unkept, "via": "cli-key",
        ]
    }

    /// The lists of a run's files, and their digest as a supervisor states it.
    private func filesOfRun() throws -> (lists: JSONObject, digest: Digest) {
        var lists = JSONObject()
        for part in ["program", "prompt", "skills", "settings"] {
            let content = changedFiles.contains(part) ? "11" : "00"
            lists[part] = [["path": .string(part), "sha256": .string(content)]]
        }
        var listed = lists
        listed["v"] = 2
        let bytes = try JSONValue.object(listed).canonical()
        return (lists: lists, digest: Self.hashing.sha256(bytes))
    }

    /// Every third day until one day there are some runs, most of them clean.
    mutating func work(until end: Int64) async throws {
        while day + 3 <= end {
            wait(until: day + 3)
            for _ in 0..<6 {
                let course: Course =
                    switch Int.random(in: 0..<60, using: &random) {
                    case 0: .denied
                    case 1: .empty
                    case 2: .eval
                    case 3...12: .granted
                    default: .clean
                    }
                try await run(course)
            }
        }
        if day < end { wait(until: end) }
    }
}

// Decisions of people and of the gateway.
extension SimulatedYear {
    /// Promotes the agent by one stage, with a document that two people signed.
    mutating func promote(undoes: Bool = false) async throws {
        log.clock.advance(3_600_000_000)
        let date = now.wholeSecond
        let from = history.earned(at: date)
        let to = from.next ?? from
        let evidence = try snapshot(from, to, at: date, undoes: undoes)
        let bytes = try evidence.canonical()
        let digest = Self.hashing.sha256(bytes)
        let promotion = try #require(
            Promotion(
                org: "acme", agent: TrustFixture.agent, from: from, to: to,
                owner: StageFixture.owner, deciders: [StageFixture.owner, StageFixture.other],
                date: date, expires: date + .seconds(90 * 86_400),
                rationale: StageFixture.rationale, criteria: evidence.criteria,
                evidence: digest, fingerprint: evidence.fingerprint, policy: policy,
                undoes: undoes))
        let payload = try promotion.canonical()
        let message = preAuthenticationEncoding(PayloadType.promotion.text, payload)
        let signed = try SignedPromotion(
            Envelope(
                payloadType: .promotion, payload: payload,
                signatures: Self.keys.map { .key($0.publicKey, $0.sign(message)) }),
            verifiedBy: OpenSSLVerifier())
        let signers = signed.signers(among: try trust(), tier: .low)
        try #require(signers?.count == 2, "two people decided")
        try history.add(signed.promotion)
        promotions.append(Promoted(document: payload, snapshot: bytes))
        _ = try await append(
            .trustPromoted,
            [
                "agent": .string(TrustFixture.agent.text), "from": .string(from.name),
                "to": .string(to.name),
                "date": .integer(signed.promotion.date.microseconds),
                "until": .integer(signed.promotion.expires.microseconds),
                "signers": [Self.person], "fp": .string(evidence.fingerprint.base64),
                "pol": .string(policy.base64), "h": .string(digest.base64),
                "digest": .string(evidence.criteria.base64), "by": Self.person,
                "proof": Self.unkept,
            ])
        point("promoted to \(to.name)")
    }

    private func trust() throws -> AuthorizedKeys {
        let added = TrustFixture.now - .seconds(86_400)
        let people = try zip(["dana", "omar"], Self.keys).map { name, key in
            TrustedPerson(
                person: try #require(Person("\(name)@acme.example")),
                pseudonym: Pseudonym(text: name), roles: [.resume],
                keys: [
                    EnrolledKey(
                        key: key.publicKey, added: added, founding: false, revoked: nil)
                ])
        }
        return try AuthorizedKeys(org: "acme", people: people, nodes: [])
    }

    /// Demotes the agent by a trigger, if it takes anything.
    mutating func demote(by trigger: DemotionTrigger) async throws {
        log.clock.advance(1_000_000)
        let demotion = try #require(
            history.demotion(by: trigger, at: now, under: criteria), "\(trigger)")
        history.add(demotion)
        _ = try await append(
            .trustDemoted,
            [
                "agent": .string(TrustFixture.agent.text), "from": .string(demotion.from.name),
                "to": .string(demotion.to.name), "code": .string(trigger.rawValue),
                "until": .integer(demotion.cooldownEnd.microseconds),
            ])
        point("demoted by \(trigger.rawValue)")
    }

    mutating func load(_ name: String) async throws {
        policy = Self.policy(name)
        _ = try await append(
            .policyLoaded,
            ["pol": .string(policy.base64), "why": "reload", "load": Self.unkept])
        point("policy \(name)")
    }

    mutating func pin(_ state: String, _ lock: String) async throws {
        _ = try await append(
            .pinAccepted,
            [
                "srv": "billing", "lock": .string(Self.policy(lock).base64),
                "st": .string(state), "n": 1, "diff": Self.unkept,
            ])
        point("pin \(state)")
    }

    mutating func classify(_ denial: Digest, as cause: DenialCause) async throws {
        _ = try await append(
            .trustClassified,
            [
                "agent": .string(TrustFixture.agent.text), "h": .string(denial.base64),
                "as": .string(cause.rawValue), "by": Self.person, "reason": Self.unkept,
            ])
        point("a denial is \(cause.rawValue)")
    }
}
