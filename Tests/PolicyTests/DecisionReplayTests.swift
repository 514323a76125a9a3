import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockSafety
import InterlockTesting
import InterlockYAML
import Testing

@testable import InterlockPolicy
@testable import InterlockPolicyReview

/// R1: a decision replayed from its record comes out the same, and one whose record was changed does not.
@Suite struct DecisionReplayTests {
    private static let policy = """
        interlock: 1
        org: acme
        kill_switch: org-wide, tested monthly
        approvals:
          leads: {members: [ada@acme.example, sam@acme.example, rui@acme.example]}
        servers:
          desk:
            tools:
              look: {class: read, data: {mask: {mail: last4}}}
              post: {class: write, effects: [reversible], data: {arguments: {drop: [args.note]}}}
              pay: {class: write, effects: [spends_money]}
        forbid:
          - {id: not-at-night, tools: [desk.pay], when: "now.getHours('Europe/Berlin') < 6"}
        agents:
          day:
            owner: li@acme.example
            purpose: Works by day
            tier: medium
            stage: trusted
            review_by: "2027-02-01"
            sandbox: {egress: [api.example:443]}
            approvers: leads
            hours: {days: mon-fri, from: "09:00", to: "17:00", tz: Europe/Berlin}
            mcp_scopes: {desk: [read, {tool: post, when: "args.n < 5"}, {tool: pay}]}
          counted:
            owner: li@acme.example
            purpose: Is counted
            tier: high
            stage: supervised
            review_by: "2027-02-01"
            sandbox: {egress: []}
            approvers: leads
            limits: {calls: 10/h}
            mcp_scopes: {desk: [read, {tool: post}]}
        """

    @Test func `the decisions of random policies replay without a difference`() throws {
        let seed = testSeed()
        var random = SeededGenerator(seed: seed)
        for round in 0..<12 {
            let parts = PolicyParts(&random)
            let files = parts.files(&random)
            let document = try #require(PolicyReader.read(files).document)
            // The replay compiles the policy anew, as another process does.
            func compiled() throws -> PolicySnapshot {
                try PolicySnapshot(
                    compiling: document, with: testEngines, at: exampleTime,
                    hashing: OpenSSLHashing())
            }
            let (policy, later) = (try compiled(), try compiled())
            for call in PolicyParts.addresses {
                for arguments in PolicyParts.arguments {
                    let record = try self.record(
                        random.pick(PolicyParts.agents), call, arguments, facts(&random),
                        under: policy, at: moment(&random))
                    #expect(
                        try record.differences(under: later) == [], "seed \(seed), round \(round)")
                }
            }
        }
    }

    @Test func `hours, limits, obligations, elevations and guards on the clock replay`() throws {
        let seed = testSeed()
        var random = SeededGenerator(seed: seed)
        let (policy, later) = (try snapshot(Self.policy), try snapshot(Self.policy))
        let elevation = StoreElevation(
            id: "e1", agent: try #require(AgentName("counted")),
            grants: ["desk": [["tool": "pay", "when": "args.n == 1"]]],
            from: exampleTime,
            until: Timestamp(microseconds: exampleTime.microseconds + 604_800_000_000),
            proposer: Person("ada@acme.example"))
        var (verdicts, elevated): ([String: Int], Int) = ([:], 0)
        for _ in 0..<4000 {
            var facts = facts(&random)
            if random.chance(1, of: 2) { facts.elevations = policy.compile([elevation]) }
            if random.chance(1, of: 8) {
                let findings = DecisionFacts.ArgumentFinding.allCases
                facts.arguments = findings[random.number(findings.count)]
            }
            if random.chance(1, of: 8) {
                let classes = SecretClassSet.decided.classes
                facts.classes = SecretClassSet(classes[random.number(classes.count)])
            }
            if random.chance(2, of: 3) { facts.counters = ["calls": Int64(random.number(12))] }
            let record = try record(
                random.pick(["day", "counted", "nobody"]),
                random.pick(["desk.look", "desk.post", "desk.pay", "desk.none"]),
                ["n": .integer(Int64(random.number(7))), "note": "x"], facts, under: policy,
                at: moment(&random))
            #expect(try record.differences(under: later) == [], "seed \(seed)")
            verdicts[record.leaf.rule, default: 0] += 1
            let input = String(decoding: record.input, as: UTF8.self)
            if input.contains(#"{"result":"true","rule":"elevations.e1."#) { elevated += 1 }
        }
        // All of these rules must have decided, otherwise the test shows nothing.
        for rule in [
            "agents.day.hours", "agents.counted.limits.calls", "not-at-night", "brokered-value",
            "canary", "secret-in-arguments", "pii-in-arguments", "scan-failed",
        ] {
            #expect(verdicts[rule] ?? 0 > 0, "\(rule): \(verdicts)")
        }
        #expect(elevated > 0)
    }

    @Test func `a record whose input was changed is seen`() throws {
        let policy = try snapshot(Self.policy)
        let record = try record(
            "day", "desk.post", ["n": 1], DecisionFacts(effectiveStage: .trusted), under: policy,
            at: exampleTime)
        #expect(record.leaf.verdict == "allow")
        for (old, new) in [
            (#""quarantined":false"#, #""quarantined":true"#),
            (
                #""now":"2026-11-20T09:00:00.000Z","purpose""#,
                #""now":"2026-11-22T09:00:00.000Z","purpose""#
            ),
            (#""call":"desk.post","compiled""#, #""call":"desk.none","compiled""#),
            (#""verdict":"allow""#, #""verdict":"deny""#),
            (#""rule":"agents"#, #""rule":"agent"#),
        ] {
            var changed = record
            changed.input = Array(
                String(decoding: record.input, as: UTF8.self).replacing(old, with: new).utf8)
            #expect(changed.input != record.input, "\(old)")
            #expect(try !changed.differences(under: policy).isEmpty, "\(old)")
        }
        var other = record
        other.arguments = ["n": 7]
        #expect(try !other.differences(under: policy).isEmpty)
        other = record
        other.leaf = try #require(
            DecisionSummary(leaf: ["dec": "deny", "rule": .string(record.leaf.rule)]))
        #expect(try other.differences(under: policy).map(\.field) == ["dec", "obl"])
    }

    @Test func `a leaf of another call than its input is seen`() throws {
        let policy = try snapshot(Self.policy)
        let record = try record(
            "day", "desk.post", ["n": 1], DecisionFacts(effectiveStage: .trusted), under: policy,
            at: exampleTime)
        let recorded = try RecordedDecision(parsing: record.input)
        func fields(_ leaf: JSONObject) -> [String] {
            DecisionReplay.contradictions(of: leaf, with: recorded).map(\.field)
        }
        #expect(fields(["agent": "day", "tool": "desk__post"]).isEmpty)
        #expect(fields([:]).isEmpty)
        #expect(fields(["agent": "counted", "tool": "desk__post"]) == ["agent"])
        #expect(fields(["agent": "day", "tool": "desk__pay"]) == ["tool"])
        func risk(_ text: String) -> [String] {
            DecisionReplay.differences(
                of: recorded, leaf: record.leaf, risk: text, arguments: record.arguments,
                under: policy
            ).map(\.field)
        }
        #expect(risk("write").isEmpty)
        #expect(risk("read") == ["risk"])
    }

    @Test func `under another policy only what was decided is compared`() throws {
        let policy = try snapshot(Self.policy)
        let record = try record(
            "day", "desk.post", ["n": 1], DecisionFacts(effectiveStage: .trusted), under: policy,
            at: exampleTime)
        let recorded = try RecordedDecision(parsing: record.input)
        func changes(_ text: String) throws -> [String] {
            DecisionReplay.changes(
                of: recorded, leaf: record.leaf, arguments: record.arguments,
                under: try snapshot(text)
            ).map { "\($0.field) \($0.recorded) \($0.again)" }
        }
        #expect(try changes(Self.policy.replacing("Works by day", with: "Works")) == [])
        let narrower = try changes(Self.policy.replacing("args.n < 5", with: "args.n < 1"))
        #expect(narrower.contains("dec allow deny"), "\(narrower)")
        #expect(narrower.contains(#"obl ["arguments.drop","egress"] -"#), "\(narrower)")
    }

    @Test func `a simulation counts each call under the rules that decide it, by agent`() throws {
        let policy = try snapshot(Self.policy)
        let narrower = try snapshot(Self.policy.replacing("args.n < 5", with: "args.n < 1"))
        var simulation = PolicySimulation(narrower, keepsArguments: false)
        let facts = DecisionFacts(effectiveStage: .trusted, purposeDeclared: true)
        var alone: [String: Int] = [:]
        for (number, agent) in ["day", "day", "counted", "day"].enumerated() {
            let record = try record(
                agent, "desk.post", ["n": .integer(Int64(number))], facts, under: policy,
                at: exampleTime)
            let recorded = try RecordedDecision(parsing: record.input)
            simulation.add(
                PolicySimulation.Call(
                    id: "c\(number)", index: UInt64(number), recorded: recorded,
                    summary: record.leaf, arguments: record.arguments, isWithheld: false))
            alone[recorded.decide(record.arguments, under: narrower).rule, default: 0] += 1
        }
        simulation.add(.erased, of: nil)
        #expect(simulation.decided == 4 && simulation.unknown == [.erased: 1])
        let changed = try #require(simulation.changes.first { $0.agent.text == "day" })
        #expect(changed.direction == .stricter && changed.count == 2)
        #expect(changed.examples.map(\.index) == [1, 3])
        #expect(changed.examples.allSatisfy { $0.arguments == .null })
        // Each call counts once, for the rule that deciding it alone gives.
        let coverage = simulation.coverage
        #expect(coverage.reached.map(\.calls).reduce(0, +) == alone.values.reduce(0, +))
        #expect(coverage.unreached.contains { $0.name == "not-at-night" && $0.kind == "forbid" })
        #expect(coverage.unreached.contains { $0.name == "controls.spends_money" })
        #expect(simulation.recordedCoverage(of: policy).reached.map(\.calls).reduce(0, +) == 4)
        let own = simulation.part { $0?.text == "counted" }
        #expect(own.decided == 1 && own.unknown.isEmpty && own.changes.isEmpty)
        #expect(own.coverage.reached.map(\.calls).reduce(0, +) == 1)
    }

    @Test func `a bundle is read back, and compiles to the digest it was made from`() throws {
        let files = policyFiles(Self.policy)
        let bundle = PolicyBundle(files: files, lock: [1, 2, 3], zones: "2026a")
        let bytes = try #require(bundle.bytes)
        let read = try PolicyBundle(parsing: bytes)
        #expect(read.bytes == bytes)
        #expect(read.lock == [1, 2, 3] && read.zones == "2026a")
        let again = try #require(PolicyReader.read(read.files).document)
        let document = try #require(PolicyReader.read(files).document)
        #expect(again.digest(OpenSSLHashing()) == document.digest(OpenSSLHashing()))
        #expect(
            CanonicalPolicy(document)?.digest(OpenSSLHashing(), lock: nil)
                == document.digest(OpenSSLHashing()))
        for cut in stride(from: 0, to: bytes.count, by: 97) {
            #expect(throws: FormError.self) { try PolicyBundle(parsing: Array(bytes[..<cut])) }
        }
    }

    /// A start needs it for the digests with and without the lock, and for the archive.
    @Test func `a snapshot holds the canonical form until it is taken`() throws {
        let policy = try snapshot(Self.policy)
        let hashing = OpenSSLHashing()
        let canonical = try #require(policy.canonical)
        #expect(canonical.digest(hashing, lock: nil) == policy.digest)
        #expect(hashing.sha256(canonical.bytes(lock: nil)) == policy.digest)
        let lock = hashing.sha256([1])
        #expect(
            canonical.digest(hashing, lock: lock) == policy.document.digest(hashing, lock: lock))
        let text = String(decoding: canonical.bytes(lock: lock), as: UTF8.self)
        #expect(text.hasPrefix(#"{"interlock":1,"lock":"\#(lock.prefixed)","policy":{"#))
        #expect(policy.takeCanonical() == canonical)
        // Its megabytes are gone, and it can be made again.
        #expect(policy.canonical == nil)
        #expect(policy.takeCanonical() == canonical)
    }

    // MARK: One call as the gateway records it

    private struct Record {
        var leaf: DecisionSummary
        var input: [UInt8]
        var arguments: JSONValue

        func differences(under policy: PolicySnapshot) throws -> [DecisionReplay.Difference] {
            DecisionReplay.differences(
                of: try RecordedDecision(parsing: input), leaf: leaf, arguments: arguments,
                under: policy)
        }
    }

    private func record(
        _ agent: String, _ call: String, _ sent: JSONValue, _ facts: DecisionFacts,
        under policy: PolicySnapshot, at now: Timestamp
    ) throws -> Record {
        let agent = try #require(AgentName(agent))
        let address = try address(call)
        let arguments =
            policy.dataObligations(of: address, for: agent)?.argumentsDropped(from: sent) ?? sent
        let decision = policy.decide(
            DecisionRequest(agent: agent, address: address, arguments: arguments), facts: facts,
            now: now)
        let input = DecisionInput(
            agent: agent, address: address, purpose: "tests", decision: decision, facts: facts,
            policy: policy.digest, basis: policy.basis, now: now)
        // The summary as read from a log, not as kept in memory.
        let leaf = JSONObject(distinct: DecisionSummary(decision).fields)
        return Record(
            leaf: try #require(DecisionSummary(leaf: leaf)), input: input.serialized(),
            arguments: try JSONValue(parsing: arguments.canonical(), limits: .upstream))
    }

    private func facts(_ random: inout SeededGenerator) -> DecisionFacts {
        DecisionFacts(
            quarantined: random.chance(1, of: 10),
            effectiveStage: TrustStage.allCases[random.number(TrustStage.allCases.count)],
            onBehalfOf: random.chance(1, of: 3) ? Person("ada@acme.example") : nil,
            purposeDeclared: random.chance(4, of: 5), tainted: random.chance(1, of: 3),
            sandboxed: random.chance(1, of: 2))
    }

    /// A time within two weeks, to the microsecond.
    private func moment(_ random: inout SeededGenerator) -> Timestamp {
        Timestamp(
            microseconds: exampleTime.microseconds + Int64(random.number(1_209_600_000_000)))
    }
}
