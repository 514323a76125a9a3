import InterlockGateway
import InterlockJSON
import InterlockKeys
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockStore
import InterlockTransport

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
    private let served: ServedPolicy
    private let sweeper: Task<Void, Never>

    private init(_ parts: NodeParts) throws(Failure) {
        let wiring = try UpstreamWiring(parts.deployment, loops: parts.loops)
        let gateway = try parts.gateway(upstreams: wiring.pool)
        let served = ServedPolicy(parts.policy.document)
        self.gateway = gateway
        self.served = served
        localAPI = parts.localAPI(gateway, notEnforced: { served.notEnforced })
        loops = parts.loops
        deployment = parts.deployment
        ledger = parts.ledger
        store = parts.store
        upstreams = wiring.pool
        self.wiring = wiring
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
        let node = try Node(
            NodeParts(
                deployment: deployment, keys: keys, policy: policy, ledger: ledger, halts: halts,
                store: store, loops: LoopGroup()))
        try await node.record(policy, why: "start")
        node.wiring.apply(policy.snapshot, to: node.upstreams)
        do throws(StoreFailure) { try await node.gateway.approvals.restore() } catch {
            throw Failure(.io, "cannot read the requests that wait: \(error.reason)")
        }
        // A halt may have come while this node was down, or its last second was lost.
        let holder = node.gateway.policy
        node.gateway.approvals.voidHalted(by: node.gateway.halts.halts) { holder.owner(of: $0) }
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
        served.replace(with: loaded.document)
        wiring.apply(loaded.snapshot, to: upstreams)
        let gateway = gateway
        await gateway.approvals.redecide(
            under: loaded.snapshot, elevations: gateway.elevations.compiled(under: loaded.snapshot)
        ) {
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

    func stop() async {
        sweeper.cancel()
        await upstreams.close()
        store.close()
        ledger.close()
    }
}
