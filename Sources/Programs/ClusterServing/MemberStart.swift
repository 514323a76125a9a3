import InterlockCluster
import InterlockClusterCommands
import InterlockClusterNodes
import InterlockClusterOrders
import InterlockClusterPeers
import InterlockClusterStore
package import InterlockCommandLine
import InterlockConfiguration
package import InterlockCredentials
package import InterlockDeployment
import InterlockJSON
import InterlockLeasedLimits
package import InterlockLedger
import InterlockLogReading
package import InterlockModel
package import InterlockPolicy
import InterlockPorts
import InterlockRunAssignment
import InterlockStore
import InterlockTransport
import Synchronization

/// The start of a member of a cluster: it connects, verifies its copy of the chain, joins, and waits until it may act.
package struct MemberStart: Sendable {
    private let deployment: Deployment
    private let keys: NodeKeys
    private let settings: MemberSettings
    private let policy: PolicySnapshot
    /// The revision in the folder, as the chain names it; nil if it was not signed off.
    private let revision: Digest?
    private let note: @Sendable (RecordDraft) -> Void
    private let alarm: @Sendable (_ code: String, _ subject: String) -> Void
    private let clock = SystemClock()

    /// The longest time until a member may act: its first heartbeat, and a new generation of the database.
    private static let patience = Duration.seconds(60)

    /// - Parameters:
    ///   - policy: the policy that the node will decide by.
    ///   - revision: the digest of its identity; nil if it was not signed off.
    ///   - note: queues a record of this node's log. Must not block.
    ///   - alarm: raises an alert. Must not block.
    /// - Throws: exit 65 for settings that a member lacks, 66 if the node is no member, 78 for keys.
    package init(
        _ deployment: Deployment, _ keys: NodeKeys, policy: PolicySnapshot, revision: Digest?,
        note: @escaping @Sendable (RecordDraft) -> Void,
        alarm: @escaping @Sendable (_ code: String, _ subject: String) -> Void
    ) throws(Failure) {
        self.deployment = deployment
        self.keys = keys
        self.policy = policy
        self.revision = revision
        self.note = note
        self.alarm = alarm
        settings = try MemberSettings(deployment)
    }

    /// - Parameter origin: the name of this node's log.
    /// - Throws: exit 69 if the node may not act within a minute, 65 for a chain, policy or people that differ.
    package func run(origin: String) async throws(Failure) -> ClusterMember {
        let pool = settings.pool()
        let loops = LoopGroup(count: 1)
        let copy: ChainFile
        do throws(ChainCopyFailure) { copy = try ChainFile(folder: settings.control.path) } catch {
            throw Failure(.io, "`\(settings.control.path)`: \(error.description)")
        }
        let store = ClusterStore(settings.name, pool)
        try await fill(copy, from: store)
        let loaded = try await load(copy)
        try checkPeople(loaded.node.state)
        let listeners = ListenerGroup()
        let (units, runs) = (ServedUnits(), ServedRuns())
        let node = Mutex<NodeService?>(nil)
        let halts = MemberHalts({ node.withLock { $0 } }, alarm: alarm)
        for listener in [
            EntryRecorder(note: note), units, runs, halts, MemberReporter(alarm: alarm),
        ] as [any NodeListener] { listeners.add(listener) }
        let session = SystemEntropy().bytes(16)
        var parts = NodeParts(
            store: store, copy: copy,
            signer: LogEntrySigner(
                org: loaded.node.state.org, node: settings.name,
                key: try keys.heldLogKeys().current, clock: clock),
            restorer: ServedHoldings(units: units, runs: runs), listener: listeners, clock: clock)
        parts.starved = { units.starved }
        let service = NodeService(loaded, process: Hex.encode(session), parts)
        node.withLock { $0 = service }
        let readiness = ReadinessPage { service }
        let (peers, servers) = try connect(service, loaded, session, readiness, loops)
        service.set(authorities: settings.others)
        let tasks = [
            Task { await service.run(with: peers) }, Task { await peers.run() },
        ]
        let opened = MemberParts(
            service: service, halts: halts, listeners: listeners, readiness: readiness,
            copy: copy, pool: pool, peers: peers, servers: servers, loops: loops)
        let incarnation: Incarnation
        do throws(Failure) { incarnation = try await join(service) } catch {
            for task in tasks { task.cancel() }
            throw error
        }
        let limits = LeasedLimits(
            settings.name, incarnation,
            store: ServedUnitStore(store: LeasedUnitStore(store), units: units), clock: clock)
        units.set(limits)
        let placement = RunAssignmentService(
            settings.name, incarnation, store: AssignedRunStore(store), forwarder: peers,
            clock: clock)
        runs.set(placement)
        let permission = MemberPermission(service, of: settings.name)
        permission.load(revision, of: policy.digest)
        return ClusterMember(
            opened, permission, limits, placement,
            try approvals(service, store, origin: origin), tasks)
    }

    // MARK: The chain

    /// The first start reads and verifies the chain of the database, from the entry on that people brought by hand.
    private func fill(_ copy: ChainFile, from store: ClusterStore) async throws(Failure) {
        let known: [StoredEntry]
        do throws(ChainCopyFailure) { known = try await copy.entries(after: -1) } catch {
            // A copy that was edited gives a node that permits nothing, and says so.
            return
        }
        guard known.isEmpty else { return }
        let chain = try await VerifiedChain.read(
            store, genesis: settings.membership.genesis, at: settings.database)
        do throws(ChainCopyFailure) { try await copy.append(chain.rows) } catch {
            throw Failure(.io, "`\(settings.control.path)`: \(error.description)")
        }
    }

    private func load(_ copy: ChainFile) async throws(Failure) -> LoadedNode {
        let (policy, revision) = (policy, revision)
        let verifier = PeopleEntryVerifier.ofThePast { $0 == revision ? policy : nil }
        let loaded: LoadedNode
        do throws(NodeStartFailure) {
            loaded = try await LoadedNode(
                settings.name, copy, genesis: settings.membership.genesis, settings: .standard,
                loaded: revision.map { [$0] } ?? [], verifier: verifier, clock: clock)
        } catch {
            throw Failure(
                .data, "the chain in `\(settings.control.path)`: \(error.description)",
                help: "compare the digest with what `interlock cluster init` printed")
        }
        let wanted = loaded.node.state.revision
        guard wanted == revision else {
            throw Failure(
                .data,
                "the cluster decides by the revision \(wanted?.prefixed ?? "that no one has signed off"), and `\(deployment.policy)` has \(revision?.prefixed ?? "one that no one has signed off")",
                help: "put the files of that revision there, with `interlock.signoff`")
        }
        return loaded
    }

    /// All nodes name people alike: by the secret of pseudonyms that the founding node has.
    private func checkPeople(_ state: ChainState) throws(Failure) {
        let pseudonyms = HMACPseudonyms(secret: keys.pseudonym)
        for person in state.people.people
        where pseudonyms.pseudonym(of: person.person) != person.pseudonym {
            throw Failure(
                .data,
                "`\(deployment.keys)/pseudonym.key` is not that of the cluster: it names \(person.person) otherwise",
                help:
                    "bring `pseudonym.key` and `store.key` from the node that founded it, mode 0400"
            )
        }
    }

    // MARK: The others

    private func connect(
        _ service: NodeService, _ loaded: LoadedNode, _ session: [UInt8],
        _ readiness: ReadinessPage, _ loops: LoopGroup
    ) throws(Failure) -> (PeerService, [HTTPServer]) {
        let domain = settings.domain
        let identity: PeerCredentials
        do throws(KeyFailure) {
            identity = try PeerCredentials(
                in: deployment.keys, uri: domain.uri(of: settings.name))
        } catch { throw Failure(error) }
        do {
            let caller = try PinnedHTTP(
                certificates: identity.certificate, key: identity.key, clock: clock, loops: loops)
            let peers = PeerService(
                PeerTable(
                    node: settings.name, org: loaded.node.state.org, domain: domain,
                    session: PeerSession(bytes: session), head: loaded.node.follower.head),
                caller: caller, listener: service, clock: clock)
            let tls = try TLSContext(
                certificates: identity.certificate, key: identity.key, clients: .nodes)
            let nodes = try HTTPServer.listen(
                .tcp(host: settings.peers.host, port: settings.peers.port),
                tls: TLSIdentity(tls), as: .nodes, handler: peers, loops: loops, limits: .nodes)
            let health = try HTTPServer.listen(
                .tcp(host: settings.health.host, port: settings.health.port), as: .people,
                handler: readiness, loops: loops)
            return (peers, [nodes, health])
        } catch let error as TLSFailure {
            throw Failure(.data, "the certificate of `peer.key`: \(error.reason)")
        } catch let error as ListenFailure {
            throw Failure(.io, error.reason)
        } catch { throw Failure(.internalError, "\(error)") }
    }

    /// Waits until the node may act.
    private func join(_ service: NodeService) async throws(Failure) -> Incarnation {
        let began = clock.boot
        var isSaid = false
        while true {
            if service.storeRefusal() == nil, let incarnation = service.incarnation {
                return incarnation
            }
            let waited = clock.boot - began
            let reason = service.storeRefusal()?.word ?? "not_member"
            guard waited < Self.patience else {
                throw Failure(
                    .unavailable,
                    settings.database.message("this node may not act after 60 s: \(reason)"),
                    help: "`interlock cluster status` says what the database and its nodes lack")
            }
            if waited > .seconds(2), !isSaid {
                isSaid = true
                settings.log("waiting until this node may act: \(reason)")
            }
            try? await Task.sleep(for: .milliseconds(50))
        }
    }

    // MARK: Requests

    private func approvals(
        _ service: NodeService, _ store: ClusterStore, origin: String
    ) throws(Failure) -> ClusterApprovalStore {
        let key = try keys.heldLogKeys().current
        guard let sealing = StoreKeys(sealing: settings.storeKey) else {
            throw Failure(.internalError, "one key alone cannot be two")
        }
        return ClusterApprovalStore(
            store: store, chain: ServedChain(service: service),
            author: RowAuthor(
                keys: sealing, clock: clock, entropy: SystemEntropy(),
                sign: { key.sign($0) }),
            verifier: RowVerifier(
                keys: sealing, verifier: PeopleEntryVerifier.ofThePast { _ in nil }),
            hashing: OpenSSLHashing(), origin: ExactText(origin), alarm: alarm)
    }
}
