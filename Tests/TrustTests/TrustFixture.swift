import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import InterlockYAML

@testable import InterlockTrust

/// Runs, criteria and records of tests.
enum TrustFixture {
    static let agent = AgentName("refunds").unwrapped
    static let now = Timestamp(rfc3339: "2026-11-29T12:00:00Z").unwrapped
    static let policy = digest(1)

    static func digest(_ number: UInt64) -> Digest { Digest(words: (number, 7, 7, 7)) }

    static func template(_ number: Int) -> RunTaskName { RunTaskName("task-\(number)").unwrapped }

    /// A clean run.
    static func clean(
        _ number: Int, template: Int? = nil, day: Int64 = 0, granted: Int = 0
    ) -> RunFacts {
        var run = RunFacts(
            run: "run-\(number)", template: template.map { self.template($0) }, day: day,
            start: digest(UInt64(number)))
        run.end = digest(UInt64(number) + 1_000_000)
        run.hasCall = true
        run.granted = granted
        return run
    }

    /// A run with a denial.
    static func denied(_ number: Int, template: Int? = nil, day: Int64 = 0) -> RunFacts {
        var run = clean(number, template: template, day: day)
        run.flaws = [RunFlaw(.denial, digest(UInt64(number) + 2_000_000))]
        return run
    }

    /// Clean runs over so many templates and days, in turn.
    static func many(
        _ count: Int, templates: Int, days: Int, granted: Int = 0
    ) -> [RunFacts] {
        (0..<count).map {
            clean(
                $0, template: $0 % templates, day: Int64($0 / templates % days), granted: granted)
        }
    }

    static func read(_ text: String) -> TrustCriteriaReading {
        TrustCriteriaReading(
            SuiteReader.parsed(
                SuiteReader.File(path: "criteria.yaml", bytes: Array(text.utf8))))
    }

    static let head = "interlock_trust: 1\nversion: \"2026-11-20.1\"\n"

    /// The task of a call is its rule, and each change of policies the given one.
    struct Source: RunSource {
        var answer = FingerprintChange.policyNotComparable
        var filesAnswer = FingerprintChange.files

        func task(of agent: AgentName, in record: StoredRecord) -> RunTaskName? {
            record.text("rule").flatMap { RunTaskName($0) }
        }

        func filesChange(from old: StoredRecord, to new: StoredRecord) -> FingerprintChange {
            filesAnswer
        }

        func change(
            of agent: AgentName, from old: Digest, to new: Digest?
        ) -> FingerprintChange { answer }
    }

    /// Records of one log, each with a hash of its own.
    struct Log {
        private(set) var runs: RunCollector
        private(set) var hashes: [Digest] = []
        private(set) var records: [StoredRecord] = []
        /// The tasks of runs and the changes of policies.
        var source = Source()
        private var time = TrustFixture.now.microseconds
        private var sequences: [(run: String, next: Int64)] = []

        init(
            servers: Set<ServerName> = [], whole: Bool = true,
            demotions: [AgentName: Timestamp] = [:], undone: [AgentName: Timestamp] = [:]
        ) throws {
            runs = RunCollector(
                [TrustFixture.agent: servers], demotions: demotions, undone: undone)
            if whole { try add("log.genesis", ["origin": "acme.example/gw1/1"]) }
        }

        @discardableResult
        mutating func add(_ type: String, _ fields: JSONObject = [:]) throws -> Digest {
            time += 1
            var object: JSONObject = [
                "v": 1, "t": .string(type), "ts": .integer(time), "node": "gw1",
            ]
            for (name, value) in fields.members { object[name] = value }
            if let run = fields["run"]?.string {
                let place = sequences.firstIndex { $0.run == run }
                if let place {
                    object["rs"] = .integer(sequences[place].next)
                    sequences[place].next += 1
                } else {
                    object["rs"] = 0
                    sequences.append((run: run, next: 1))
                }
            }
            let hash = TrustFixture.digest(UInt64(hashes.count) + 9_000_000)
            hashes.append(hash)
            let record = try StoredRecord(parsing: try JSONValue.object(object).canonical())
            records.append(record)
            runs.add(record, hash: hash, from: &source)
            return hash
        }

        /// Lets later records be so many days later.
        mutating func wait(days: Int64) { time += days * 86_400_000_000 }

        mutating func start(
            _ run: String, policy: Digest = TrustFixture.policy, _ more: JSONObject = [:]
        ) throws {
            var fields: JSONObject = [
                "run": .string(run), "agent": .string(TrustFixture.agent.text),
                "pol": .string(policy.base64),
            ]
            for (name, value) in more.members { fields[name] = value }
            try add("run.start", fields)
        }

        /// A call with a result.
        @discardableResult
        mutating func call(_ run: String, task: String = "visit") throws -> Digest {
            let intent = try add("call.intent", ["run": .string(run), "rule": .string(task)])
            try add(
                "call.outcome",
                ["run": .string(run), "intent": .string(intent.base64), "st": "ok"])
            return intent
        }

        mutating func end(_ run: String) throws {
            let next = sequences.first { $0.run == run }?.next ?? 0
            try add("run.end", ["run": .string(run), "cnt": .integer(next + 1)])
        }

        /// A whole clean run.
        mutating func clean(_ run: String, policy: Digest = TrustFixture.policy) throws {
            try start(run, policy: policy)
            try call(run)
            try end(run)
        }

        var agent: RunCollector.Agent { runs.agents[TrustFixture.agent].unwrapped }
        var classes: [RunClass] { agent.runs.map { $0.runClass() } }
    }
}
