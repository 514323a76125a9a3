import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPatterns
import InterlockPolicy
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Drills of the kill switch (docs/specs/kill-switch.md, section 10): the real gateway on an upstream in memory.
@Suite(.serialized) struct `Drills` {
    /// A fault in the environment of a drill.
    enum Fault: CaseIterable {
        case canaryIgnoresHalts
        case canaryNeverCalls
        case canaryDoesNotComeBack
        case upstreamDoesNotLetGo
        case childDoesNotGo
        case orderIsNotKept
    }

    @Test(arguments: [DrillVariant.standard, .clockStep, .expiredKey, .storeStopped])
    func `a switch that works passes`(variant: DrillVariant) async throws {
        let report = try await Stage(variant).run()
        #expect(report.failures.isEmpty)
        #expect(report.passed && report.missed.isEmpty)
        #expect(report.classes == ["gateway", "http"])
        #expect(report.points.allSatisfy { $0.callsAfter == 0 && $0.callsBefore > 0 })
        #expect(report.intents > 0 && report.intents == report.outcomes)
        #expect(try DrillReport(parsing: report.canonical()) == report)
    }

    @Test(
        .requirement("R113"),
        arguments: [(1000, true, [String]()), (1001, true, ["late"]), (9, false, ["open"])])
    func `the class of sandboxed runs has a bound of its own`(
        milliseconds: Int, isConfirmed: Bool, expected: [String]
    ) throws {
        let digest = OpenSSLHashing().sha256([1])
        let now = Timestamp(microseconds: 1_795_000_000_000_000)
        let point = DrillPoint(
            pointClass: "sandbox", acknowledgedMilliseconds: Int64(milliseconds),
            lastMilliseconds: 1, callsBefore: 1, callsAfter: 0, answersAfter: 0, cancelled: 0,
            unknown: 0, isConfirmed: isConfirmed, ranAgain: true)
        let report = DrillReport(
            id: People.order(1), variant: .standard, org: "acme", node: "gw1", started: now,
            ended: now, version: "1", policy: digest, classes: ["sandbox"], points: [point],
            intents: 1, outcomes: 1, secondHaltChanged: false, oneSignatureReleased: false,
            releaseMilliseconds: 1, faults: [], runBy: "auto", origin: "acme.example/log",
            root: digest, subject: .gateway)
        let sentences = [
            "late": "sandbox: the run had ended 1001 ms after the order",
            "open": "sandbox: not confirmed",
        ]
        #expect(report.failures == expected.compactMap { sentences[$0] })
        #expect(report.json["bounds_ms"]?["sandbox"]?.integer == 1000)
        #expect(try DrillReport(parsing: report.canonical()) == report)
    }

    @Test(arguments: Fault.allCases)
    func `each fault fails it, and is named`(fault: Fault) async throws {
        let report = try await Stage(.standard, fault).run()
        #expect(!report.passed)
        let named = report.failures.joined(separator: "; ")
        let expected =
            switch fault {
            case .canaryIgnoresHalts: "rogue: "
            case .canaryNeverCalls: "silent: no call arrived before the order"
            case .canaryDoesNotComeBack: "shy: no call arrived after the release"
            case .upstreamDoesNotLetGo, .childDoesNotGo, .orderIsNotKept: "gateway: not confirmed"
            }
        #expect(named.contains(expected), "\(named)")
    }

    @Test func `no report claims to have passed against its own facts`() async throws {
        let report = try await Stage(.standard, .canaryIgnoresHalts).run()
        var object = try #require(report.json.object)
        object["passed"] = true
        let bytes = try JSONValue.object(object).canonical()
        #expect(throws: FormError.self) { try DrillReport(parsing: bytes) }
    }

    @Test func `an order of the drill is worth nothing in the organisation`() async throws {
        let bench = try Bench()
        let kim = People.all["kim"]
        let order = try HaltOrder(
            id: People.order(1), org: "acme/drill", target: .org, reason: "a drill of the switch",
            author: kim.pseudonym, at: bench.clock.now.wall)
        let envelope = try kim.key.envelope(.halt, try order.canonical())
        await #expect(throws: OrderRefusal.otherOrganisation("acme/drill")) {
            try await bench.kill.halt(envelope, source: "cli")
        }
    }
}

/// The environment of a drill in memory.
private struct Stage {
    let variant: DrillVariant
    let fault: Drills.Fault?
    let receipts = Receipts()
    let clock = SystemClock()

    init(_ variant: DrillVariant, _ fault: Drills.Fault? = nil) {
        self.variant = variant
        self.fault = fault
    }

    func run() async throws -> DrillReport {
        let upstreams = FakeUpstreams(Sequence())
        upstreams.set(
            .ready(generation: 1, tools: [Self.tool]), of: CanaryNames.server("http"))
        let (receipts, clock, fault) = (receipts, clock, fault)
        upstreams.answer { call in
            receipts.add("http", 0, at: clock.now.boot)
            for _ in 0..<(fault == .upstreamDoesNotLetGo ? 60 : 20)
            where call.cancel.cause == nil || fault == .upstreamDoesNotLetGo {
                try? await Task.sleep(
                    for: .milliseconds(fault == .upstreamDoesNotLetGo ? 200 : 1))
            }
            return call.cancel.cause == nil
                ? .result(["content": [["type": "text", "text": "counted"]]], bytes: [])
                : .cancelled(confirmed: false)
        }
        if fault == .childDoesNotGo {
            upstreams.run([])
            upstreams.ending.add { false }
        }
        let orders = MemoryOrderStore()
        orders.isBroken = fault == .orderIsNotKept
        let world = try DrillEnvironment(
            DrillPorts(
                org: "acme", node: "gw1", policy: try Self.policy(at: clock.now.wall),
                upstreams: upstreams, orders: orders, entropy: SystemEntropy(), clock: clock,
                hashing: OpenSSLHashing(), verifier: OpenSSLVerifier(), patterns: RE2Compiler(),
                sealer: RequestStateCipher(
                    secret: [UInt8](repeating: 5, count: 32), deployment: "acme",
                    entropy: SystemEntropy()),
                results: StubInspector.clean,
                people: try Self.people(variant, at: clock.now.wall),
                nodeKey: People.nodeKey.publicKey))
        var canaries: [any DrillCanary] = [world.canary("http", at: CanaryNames.server("http"))]
        switch fault {
        case .canaryIgnoresHalts:
            canaries.append(
                OwnCanary(pointClass: "rogue") { number in
                    receipts.add("rogue", number, at: clock.now.boot)
                    return .counted
                })
        case .canaryNeverCalls:
            canaries.append(OwnCanary(pointClass: "silent") { _ in .other("gone") })
        case .canaryDoesNotComeBack:
            canaries.append(
                OwnCanary(pointClass: "shy") { number in
                    guard world.gateway.halts.halts.isEmpty, world.kill.epoch == 0 else {
                        return .halted
                    }
                    receipts.add("shy", number, at: clock.now.boot)
                    return .counted
                })
        case .upstreamDoesNotLetGo, .childDoesNotGo, .orderIsNotKept, nil: break
        }
        let run = DrillRun(
            subject: world.subject, variant: variant, canaries: canaries, receipts: receipts,
            patience: .seconds(fault == nil ? 20 : 3))
        let started = clock.now.wall
        let observed = await run.run()
        return observed.report(
            id: People.order(7), variant: variant, org: "acme", node: "gw1", started: started,
            ended: clock.now.wall, version: "0", policy: Digest(words: (1, 2, 3, 4)),
            classes: run.classes, runBy: "operator", origin: "log",
            root: Digest(words: (0, 0, 0, 0)), subject: .copy)
    }

    private static let tool: JSONValue = [
        "name": "count", "description": "counts",
        "inputSchema": [
            "type": "object",
            "properties": [
                "canary": ["type": "string"], "n": ["type": "integer"], "ms": ["type": "integer"],
            ],
        ],
    ]

    private static func policy(at now: Timestamp) throws -> PolicySnapshot {
        try BenchPolicy.snapshot(
            of: """
                interlock: 1
                org: drill
                kill_switch: org-wide, tested monthly
                servers:
                  interlock-drill-http:
                    tools:
                      count: {class: read}
                agents:
                  interlock-drill-http:
                    owner: drill@interlock.invalid
                    purpose: Counts
                    tier: low
                    stage: trusted
                    review_by: "2099-12-31"
                    mcp_scopes: {interlock-drill-http: [count]}
                """)
    }

    private static func people(_ variant: DrillVariant, at now: Timestamp) throws -> [DrillPerson] {
        ["kim", "joe", "eve"].enumerated().map { place, name in
            let member = People.all[name]
            let isOver = variant == .expiredKey && place == 0
            return DrillPerson(
                person: TrustedPerson(
                    person: member.person, pseudonym: member.pseudonym, roles: [.kill, .resume],
                    keys: [
                        EnrolledKey(
                            key: member.key.publicKey, added: now - .seconds(60), founding: true,
                            expires: isOver ? now - .seconds(1) : nil)
                    ])
            ) { type, payload in try member.key.envelope(type, payload) }
        }
    }
}

private struct OwnCanary: DrillCanary {
    let pointClass: String
    let answer: @Sendable (Int64) async -> CanaryResponse
    func call(_ number: Int64) async -> CanaryResponse { await answer(number) }
}
