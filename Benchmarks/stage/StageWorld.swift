import InterlockApprovals
import InterlockCredentials
import InterlockJSON
import InterlockLimits
import InterlockMCP
import InterlockModel
import InterlockPatterns
import InterlockPolicy
import InterlockPorts
import InterlockYAML
import InterlockZones
import Synchronization

@testable import InterlockAdministration
@testable import InterlockEvidence
@testable import InterlockGovernor

/// A gateway of one agent and one tool, on ports that do nothing, so that only the gateway's own work is measured.
final class StageWorld: Sendable {
    let pipeline: CallPipeline
    let approvals: ApprovalService
    private let numbers = Atomic<Int64>(1)

    func next() -> Int64 { numbers.wrappingAdd(1, ordering: .relaxed).newValue }

    static let policy = """
        interlock: 1
        org: bench
        tiers: {low: {calls: 1000000000/s}}
        kill_switch: org-wide, tested monthly
        servers:
          desk:
            tools:
              look: {class: read}
        agents:
          clerk:
            owner: li@bench.example
            purpose: Asks the same question again and again
            tier: low
            stage: trusted
            review_by: "2037-02-01"
            mcp_scopes: {desk: [look]}
        """

    /// - Parameter upstreams: the servers; by default one that responds at once.
    init(upstreams: any Upstreams = OneServer()) throws {
        let hashing = OpenSSLHashing()
        let clock = SystemClock()
        let entropy = BufferedEntropy()
        let ledger = NoLedger()
        let keys = NoKeys()
        let store = NoRequests()
        let records = RecordWriter(keys: keys, clock: clock, entropy: entropy)
        let people = AuthorizedKeysHolder(
            PeopleDirectory(trust: .nobody(org: "bench")))
        let halts = HaltHistory(epoch: .first(org: "bench", node: "gw1", at: clock.now.wall))
        var settings = GatewaySettings()
        settings.doors = .widest
        approvals = ApprovalService(
            ApprovalPorts(
                store: store, nonces: store, ledger: ledger, records: records, clock: clock,
                entropy: entropy, hashing: hashing, people: people,
                verifier: OpenSSLVerifier(), useWithin: .seconds(600),
                reviewQuality: ReviewQualityPolicy(), alarm: { _, _ in }),
            limits: ApprovalTable.Limits())
        pipeline = CallPipeline(
            gateway: Gateway(
                settings: settings,
                ports: GatewayPorts(
                    ledger: ledger, upstreams: upstreams,
                    authenticator: OneAgent(clock.now.wall), trust: Trusted(), evals: OpenGate(),
                    clock: clock, entropy: entropy, results: NoFindings(),
                    redactionDigest: { hashing.sha256($0) }),
                state: CallState(
                    policy: PolicyHolder(
                        try Self.snapshot(at: clock.now.wall), isFounding: false,
                        pseudonyms: Plain()),
                    halts: HaltRegistry(halts.set),
                    pins: PinRegistry(
                        upstreams: upstreams, hashing: hashing, patterns: RE2Compiler(),
                        ledger: ledger, alarm: { _, _ in }),
                    runs: RunRegistry(
                        pseudonyms: Plain(), ledger: ledger, keys: keys,
                        build: hashing.sha256([0])),
                    sessions: SessionRegistry(
                        ledger: ledger, entropy: entropy, clock: clock, resumes: false)),
                records: records, approvals: approvals,
                input: InputRequestService(
                    sealer: RequestStateCipher(
                        secret: [UInt8](repeating: 5, count: 32), deployment: "bench",
                        entropy: entropy),
                    nonces: store, hashing: hashing, entropy: entropy),
                limits: LimitService(clock: clock),
                breakers: CircuitBreakerService(agents: Self.asOftenAsItLikes)))
    }

    /// Breaker settings without limits, because the benchmark repeats the same call.
    private static var asOftenAsItLikes: AgentBreakerSettings {
        var settings = AgentBreakerSettings()
        settings.calls = .max
        for tool in ["look"].compactMap({ ToolAddress(dotted: "desk." + $0) }) {
            settings.poll[tool] = .max
        }
        return settings
    }

    /// Compiles a policy of one file.
    static func snapshot(
        of text: String = policy, at now: Timestamp
    ) throws -> PolicySnapshot {
        let file = PolicyFile(path: "policy.yaml", role: .single, bytes: Array(text.utf8))
        let reading = PolicyReader.read([file])
        guard let document = reading.document else {
            throw Misuse.refused(reading.findings.reported.map(\.text).joined(separator: "\n"))
        }
        return try PolicySnapshot(
            compiling: document,
            with: PolicyEngines(patterns: RE2Compiler(), zones: SystemZones()), at: now,
            hashing: OpenSSLHashing())
    }
}
