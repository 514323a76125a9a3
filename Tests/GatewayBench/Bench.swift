import InterlockApprovals
import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockLimits
import InterlockMCP
import InterlockModel
import InterlockPatterns
import InterlockPolicy
import InterlockPorts
import InterlockSandboxes
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockEvidence
@testable import InterlockGovernor

/// A whole gateway on ports in memory; hashes, signatures and patterns are real.
final class Bench: Sendable {
    let clock: FakeClock
    let sequence = Sequence()
    let ledger: MemoryLedger
    let store: MemoryApprovalStore
    let orders = MemoryOrderStore()
    let control = MemoryControlLog()
    let entries: OrderEntryWriter
    let upstreams: FakeUpstreams
    let authenticator = NameAuthenticator()
    let keys = BenchKeys()
    let gateway: Gateway
    let approvals: ApprovalService
    let kill: HaltService
    let sandboxFolders = MemorySandboxFolders()
    let runProcesses = FakeRunProcesses()
    let sandboxes: SandboxService
    let people: AuthorizedKeysHolder
    let pipeline: CallPipeline
    let verifier = OpenSSLVerifier()
    private let orderNumbers = Atomic<UInt64>(0)

    /// - Parameters:
    ///  - stage: the trust stage of every agent, 0 to 3, unless `stages` says it.
    ///  - store, ledger: those of an earlier bench, to simulate a restart.
    init(
        policy: [(String, String)] = [], templates: String? = nil, stage: Int = 1,
        store: MemoryApprovalStore = MemoryApprovalStore(),
        ledger: MemoryLedger = MemoryLedger(), halts: HaltHistory? = nil,
        tools: [JSONValue] = Bench.tools, limits: ApprovalTable.Limits = ApprovalTable.Limits(),
        quorum: (any CallQuorum)? = nil, resumes: Bool = true, hasTrail: Bool = false,
        trailFails: Bool = false, takesConsent: Bool = false, seed: UInt64 = 7,
        passkeys: Passkeys? = nil,
        issued: any VoteNonces = OneNodeRegistry(VoteNonceRegistry()),
        reviewQuality: ReviewQualityPolicy = ReviewQualityPolicy(refuses: false),
        breakers: CircuitBreakerService = .patient, units: (any LimitUnits)? = nil,
        ladder: any SignalLadder = NoLadder(),
        recipients: RecipientLimitService = RecipientLimitService(),
        results: any ResultInspector = StubInspector.clean,
        evals: any ChangeGate = OpenGate(), stages: (any TrustStages)? = nil,
        reviews: any AgentReviews = NoReviews(), placement: (any RunPlacement)? = nil,
        node: (any NodePermission)? = nil, halted: (any ClusterHalts)? = nil,
        clock: FakeClock = FakeClock(),
        _ change: (inout GatewaySettings) -> Void = { _ in }
    ) throws {
        self.clock = clock
        let hashing = OpenSSLHashing()
        let entropy = SeededEntropy(seed: seed)
        let snapshot = try BenchPolicy.snapshot(policy, templates: templates)
        let trust = try People.all.trust(added: clock.now.wall)
        let people = AuthorizedKeysHolder(
            PeopleDirectory(trust: trust, passkeys: passkeys?.enrolled(at: clock.now.wall) ?? []))
        self.people = people
        let records = RecordWriter(keys: keys, clock: clock, entropy: entropy)
        let book =
            halts ?? HaltHistory(epoch: .first(org: "acme", node: "gw1", at: clock.now.wall))
        var settings = GatewaySettings()
        settings.hold = .seconds(60)
        settings.longHold = .seconds(60)
        settings.doors = .widest
        settings.doors.completions = .perMinute(60)
        change(&settings)
        self.store = store
        self.ledger = ledger
        upstreams = FakeUpstreams(sequence)
        upstreams.set(.ready(generation: 1, tools: tools), of: "desk")
        let logReader = hasTrail ? MemoryTrail(ledger: ledger, fails: trailFails) : nil
        let box = AlertBox()
        let joined = JoinedNode()
        if let node { joined.set(node) }
        approvals = ApprovalService(
            ApprovalPorts(
                store: store, nonces: store, issued: issued,
                logReader: logReader, glassTrail: logReader,
                ledger: ledger, records: records, clock: clock,
                entropy: entropy, hashing: hashing, people: people,
                verifier: OpenSSLVerifier(), passkeys: passkeys?.voting,
                takesConsent: takesConsent,
                useWithin: .seconds(600), reviewQuality: reviewQuality, node: joined,
                alarm: { code, _ in box.codes.withLock { $0.append(code) } }),
            limits: limits)
        gateway = Gateway(
            settings: settings,
            ports: GatewayPorts(
                ledger: ledger, upstreams: upstreams, authenticator: authenticator,
                trust: stages ?? FixedStages(number: stage), evals: evals, clock: clock,
                entropy: entropy,
                results: results,
                redactionDigest: { hashing.sha256($0) }, quorum: quorum, ladder: ladder,
                reviews: reviews, node: node, placement: placement),
            state: CallState(
                policy: PolicyHolder(snapshot, isFounding: false, pseudonyms: PlainPseudonyms()),
                halts: HaltRegistry(book.set),
                pins: PinRegistry(
                    upstreams: upstreams, hashing: hashing, patterns: RE2Compiler(),
                    ledger: ledger,
                    alarm: { code, _ in box.codes.withLock { $0.append(code) } }),
                runs: RunRegistry(
                    pseudonyms: PlainPseudonyms(), ledger: ledger, keys: keys,
                    build: hashing.sha256([0])),
                sessions: SessionRegistry(
                    ledger: ledger, entropy: entropy, clock: clock, resumes: resumes)),
            records: records, approvals: approvals,
            input: InputRequestService(
                sealer: RequestStateCipher(
                    secret: [UInt8](repeating: 5, count: 32), deployment: "acme", entropy: entropy),
                nonces: store, hashing: hashing, entropy: entropy),
            limits: LimitService(clock: clock), breakers: breakers, recipients: recipients,
            units: units)
        let entries = OrderEntryWriter(control, retryAfter: .milliseconds(5)) { _ in }
        self.entries = entries
        sandboxes = SandboxService(
            gateway: gateway, folders: sandboxFolders, processes: runProcesses)
        kill = HaltService(
            gateway: gateway, approvals: approvals, book: book,
            judge: {
                HaltVerifier(
                    SignedOrderVerifier(
                        trust: people.trust ?? trust, verifier: OpenSSLVerifier(),
                        passkeys: passkeys?.voting.judge(hashing)))
            },
            store: orders, hashing: hashing, passkeys: passkeys?.voting, entries: entries,
            sandboxes: sandboxes, cluster: halted)
        pipeline = CallPipeline(gateway: gateway)
        alarmBox = box
    }

    private let alarmBox: AlertBox
    /// The codes of the alerts that the approval service raised.
    var alarmed: [String] { alarmBox.codes.withLock { $0 } }

    var policy: PolicySnapshot { gateway.policy.snapshot }
    /// The types of all records except alerts, which are records about records.
    var types: [RecordType] { ledger.drafts.map(\.type).filter { $0 != .alarmRaised } }

    func orderNumber() -> UInt64 { orderNumbers.wrappingAdd(1, ordering: .relaxed).newValue }

    /// Puts another policy in force, as a reload does.
    func swap(_ changes: [(String, String)], templates: String? = nil) async throws {
        let snapshot = try BenchPolicy.snapshot(changes, templates: templates)
        let old = policy
        await gateway.ports.evals.expect(snapshot, after: old)
        gateway.policy.swap(to: snapshot, isFounding: false)
        let gateway = gateway
        await approvals.redecide(under: snapshot, after: old) {
            gateway.stage(of: $0, in: snapshot)
        }
    }

    /// The same without re-evaluating open requests: a reload at the worst moment.
    func swapUnseen(_ changes: [(String, String)], templates: String? = nil) throws {
        gateway.policy.swap(
            to: try BenchPolicy.snapshot(changes, templates: templates), isFounding: false)
    }
}

extension CircuitBreakerService {
    /// Allows every loop, for tests of other features.
    static var patient: CircuitBreakerService {
        var agents = AgentBreakerSettings()
        let never = Repeats(1_000_000_000, in: .seconds(1))
        agents.sameWrite = never
        agents.sameAny = never
        agents.sameRead = never
        agents.variants = never
        agents.cycles = 1_000_000
        agents.denials = .max
        agents.denialsMinute = .max
        agents.refusals = .max
        agents.calls = .max
        agents.wall = .seconds(1_000_000_000)
        var upstreams = UpstreamBreakerSettings()
        upstreams.failures = .max
        upstreams.calls = .max
        return CircuitBreakerService(agents: agents, upstreams: upstreams)
    }
}

private final class AlertBox: Sendable {
    let codes = Mutex<[String]>([])
}

extension Bench {
    static let tools: [JSONValue] = [
        tool("look"), tool("report", output: reportSchema), tool("audit"), tool("secret"),
        tool("note"), tool("mail"), tool("pay"), tool("nuke"),
    ]

    static let reportSchema: JSONObject = [
        "type": "object", "properties": ["total": ["type": "integer"]], "required": ["total"],
    ]

    static func tool(
        _ name: String, description: String = "a tool", output: JSONObject? = nil
    ) -> JSONValue {
        var tool: JSONObject = [
            "name": .string(name), "description": .string(description),
            "inputSchema": [
                "type": "object",
                "properties": ["n": ["type": "integer"], "text": ["type": "string"]],
            ],
        ]
        tool["outputSchema"] = output.map(JSONValue.object)
        return .object(tool)
    }
}

/// Waits for a condition; returns false if it does not hold in time.
func until(_ condition: () -> Bool) async -> Bool { await eventually(condition) }
