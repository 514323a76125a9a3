import InterlockApprovals
import InterlockGateway
import InterlockJSON
import InterlockKeys
import InterlockLedger
import InterlockModel
import InterlockPatterns
import InterlockPolicy
import InterlockSandbox
import InterlockStore
import InterlockTransport
import Synchronization

/// One running gateway: every port with its edge. What can refuse to start does so here, in the order
/// in which it can be told best: keys, policy, log, halts, store, servers.
final class Node: Sendable {
    let gateway: Gateway
    let localAPI: LocalAPI
    let loops: LoopGroup
    private let deployment: Deployment
    private let ledger: WriteAheadLog
    private let store: SQLiteStore
    private let upstreams: UpstreamPool
    private let wiring: UpstreamWiring
    private let document: Mutex<PolicyDocument>
    private let sweeper: Task<Void, Never>

    private init(
        gateway: Gateway, localAPI: LocalAPI, loops: LoopGroup, deployment: Deployment,
        ledger: WriteAheadLog, store: SQLiteStore, upstreams: UpstreamPool, wiring: UpstreamWiring,
        document: PolicyDocument
    ) {
        self.gateway = gateway
        self.localAPI = localAPI
        self.loops = loops
        self.deployment = deployment
        self.ledger = ledger
        self.store = store
        self.upstreams = upstreams
        self.wiring = wiring
        self.document = Mutex(document)
        sweeper = Task {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(1))
                await gateway.sweep()
            }
        }
    }

    static func start(_ deployment: Deployment, guardLost: Bool) async throws(Failure) -> Node {
        let keys = try NodeKeys.opened(deployment)
        let policy = try LoadedPolicy.load(deployment.policy, at: SystemClock().now.wall)
        try policy.refuseUnenforced()
        for finding in policy.findings { log(finding.text) }
        for server in policy.unreachable {
            log("server \(server) has no `connect`: it is not offered")
        }
        let ledger = try LedgerSetup(deployment, keys).open(guardLost: guardLost)
        let halts = HaltSetup(deployment, keys, org: policy.snapshot.org).load()
        let store = try openStore(deployment)
        let loops = LoopGroup()
        let parts = Parts(
            deployment: deployment, keys: keys, policy: policy, ledger: ledger, halts: halts,
            store: store,
            loops: loops)
        let node = try parts.assemble()
        try await node.record(policy, why: "start")
        node.wiring.apply(policy.snapshot, to: node.upstreams)
        do throws(StoreFailure) { try await node.gateway.approvals.restore() } catch {
            throw Failure(.io, "cannot read the requests that wait: \(error.reason)")
        }
        log("no outside memory: rewriting history cannot be detected")
        return node
    }

    private static func openStore(_ deployment: Deployment) throws(Failure) -> SQLiteStore {
        do throws(StoreFailure) { return try SQLiteStore(path: deployment.store) } catch {
            throw Failure(.io, "cannot open `\(deployment.store)`: \(error.reason)")
        }
    }

    /// Reads the policy again. Any error keeps the old one, and says so.
    func reload() async {
        let loaded: LoadedPolicy
        do throws(Failure) {
            loaded = try LoadedPolicy.load(deployment.policy, at: SystemClock().now.wall)
            try loaded.refuseUnenforced()
            try refuseOtherOrganisation(loaded)
            try await record(loaded, why: "reload")
        } catch {
            log("the old policy stays: \(error.message)")
            gateway.raise(
                alarm: "policy.reload_refused", subject: gateway.policy.snapshot.digest.prefixed)
            return
        }
        gateway.policy.swap(to: loaded.snapshot)
        document.withLock { $0 = loaded.document }
        wiring.apply(loaded.snapshot, to: upstreams)
        let gateway = gateway
        await gateway.approvals.redecide(under: loaded.snapshot) {
            gateway.stage(of: $0, in: loaded.snapshot)
        }
        gateway.sessions.announceToolListChange()
        log("policy \(loaded.snapshot.digest.prefixed) in force")
    }

    /// Orders, votes and the log are of one organisation for ever.
    private func refuseOtherOrganisation(_ loaded: LoadedPolicy) throws(Failure) {
        let org = gateway.policy.snapshot.org
        guard loaded.snapshot.org == org else {
            throw Failure(.data, "the policy is of `\(loaded.snapshot.org)`, this node of `\(org)`")
        }
    }

    /// `policy.loaded` is durable before the policy decides anything.
    private func record(_ policy: LoadedPolicy, why: String) async throws(Failure) {
        let report = policy.findings.map(\.text).joined(separator: "\n")
        do throws(LedgerRefusal) {
            _ = try await ledger.append(
                RecordDraft(
                    .policyLoaded, run: nil,
                    fields: ["pol": .string(policy.snapshot.digest.base64), "why": .string(why)],
                    payloads: [gateway.records.seal("load", Array(report.utf8))]))
        } catch {
            throw Failure(.io, "the policy cannot be recorded: \(error.code)")
        }
    }

    var notEnforced: [String] { document.withLock { Enforcement.notEnforced($0) } }

    func stop() async {
        sweeper.cancel()
        await upstreams.close()
        store.close()
        ledger.close()
    }

    /// Everything that was opened, ready to be wired together.
    struct Parts {
        let deployment: Deployment
        let keys: NodeKeys
        let policy: LoadedPolicy
        let ledger: WriteAheadLog
        let halts: HaltSetup.Loaded
        let store: SQLiteStore
        let loops: LoopGroup

        func assemble() throws(Failure) -> Node {
            let hashing = OpenSSLHashing()
            let pseudonyms = HMACPseudonyms(secret: keys.pseudonym)
            let holder = PolicyHolder(policy.snapshot, pseudonyms: pseudonyms)
            let wiring = try UpstreamWiring(deployment, loops: loops)
            let salts = BufferedEntropy()
            let records = RecordWriter(entropy: salts, hashing: hashing)
            let alarms = Alarms(ledger: ledger, log: { log($0) })
            let configuration = deployment.configuration
            let gateway = Gateway(
                settings: GatewaySettings(configuration), log: { log($0) }, ledger: ledger,
                upstreams: wiring.pool,
                authenticator: TokenAuthenticator(
                    keys: [keys.token.publicKey], issuer: TokenIssuing.issuer,
                    audience: configuration.listeners.audience, hashing: hashing,
                    verifier: OpenSSLVerifier(),
                    isKnown: { holder.snapshot.agents[$0] != nil }),
                trust: LowestStage(), clock: SystemClock(), entropy: salts,
                records: records,
                policy: holder, halts: HaltBoard(halts.book.set),
                pins: PinBoard(
                    upstreams: wiring.pool, hashing: hashing, patterns: RE2Compiler(),
                    ledger: ledger),
                runs: RunRegister(
                    pseudonyms: pseudonyms, ledger: ledger, build: try Build.digest()),
                sessions: SessionBoard(ledger: ledger, entropy: SystemEntropy()),
                approvals: ApprovalDesk(
                    ApprovalPorts(
                        store: store, ledger: ledger, records: records, clock: SystemClock(),
                        entropy: SystemEntropy(), hashing: hashing, trust: halts.trust,
                        verifier: OpenSSLVerifier(), useWithin: configuration.approvals.useWithin,
                        alarm: { alarms.raise($0, subject: $1) }),
                    limits: ApprovalTable.Limits(
                        pendingOfAgent: configuration.approvals.pendingPerAgent,
                        pending: configuration.approvals.pendingInAll)))
            let kill = KillDesk(
                gateway: gateway, book: halts.book, judge: halts.judge, store: halts.folder,
                hashing: hashing)
            for fault in halts.faults { gateway.raise(alarm: "kill.fault", subject: fault) }
            let box = NodeBox()
            let node = Node(
                gateway: gateway,
                localAPI: LocalAPI(
                    gateway: gateway, kill: kill,
                    tokens: TokenIssuing(keys.token, audience: configuration.listeners.audience),
                    notEnforced: { box.notEnforced }),
                loops: loops, deployment: deployment, ledger: ledger, store: store,
                upstreams: wiring.pool,
                wiring: wiring, document: policy.document)
            box.node.withLock { $0 = node }
            return node
        }
    }

    /// Breaks the circle between the local API and the node that has the document.
    private final class NodeBox: Sendable {
        let node = Mutex<Node?>(nil)
        var notEnforced: [String] { node.withLock { $0 }?.notEnforced ?? [] }
    }
}

/// Until agents earn trust, nobody is above stage 0.
private struct LowestStage: TrustStages {
    func stage(of agent: AgentName) -> TrustStage { .lowest }
}

extension GatewaySettings {
    init(_ configuration: Configuration) {
        self.init()
        hosts = Set(configuration.mcp.hosts)
        origins = Set(configuration.mcp.origins)
        audience = configuration.listeners.audience
        bodyLimitBytes = configuration.mcp.maxBody
        jsonDepthLimit = configuration.mcp.jsonDepth
        upstreamIdleLimit = configuration.mcp.idleTimeout
        upstreamHardLimit = configuration.mcp.hardTimeout
        hold = configuration.mcp.hold
        longHold = configuration.mcp.longHold
    }
}
