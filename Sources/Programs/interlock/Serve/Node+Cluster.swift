import InterlockAdministration
import InterlockClusterServing
import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockDeployment
import InterlockEvidence
import InterlockGovernor
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview
import InterlockPorts
import InterlockStore
import InterlockWitnessing

/// A node of a cluster.
extension Node {
    /// Makes what a new member lacks at its first start: `cluster join` has made its keys, and it has no log yet. The log is
    /// made last, so that a start that was broken off is repeated.
    static func beginLog(
        of deployment: Deployment, _ setup: LedgerSetup, under policy: Digest
    ) throws(Failure) {
        guard !File.exists(deployment.ledger) else { return }
        try FileFailure.exits(
            .cannotCreate, try File.makeFolder(deployment.secrets, mode: 0o700))
        do throws(KeyFailure) {
            try PayloadKeyring.create(in: deployment.keys, entropy: SystemEntropy())
        } catch {
            // A start that was broken off has made them.
            guard error.code == .exists else {
                throw Failure(.cannotCreate, error.reason, help: error.help)
            }
        }
        let key = try setup.verifierKey()
        do throws(FileFailure) {
            if !File.exists(deployment.trust.path) {
                try File.write(Array(TrustPolicy(logs: [key]).text.utf8), to: deployment.trust.path)
            }
        } catch { throw Failure(.cannotCreate, error.message) }
        try setup.create(policy: policy)
    }

    /// Joins the cluster, and waits until this node may act.
    static func join(
        _ deployment: Deployment, _ keys: NodeKeys, _ policy: PolicyStart,
        _ identity: RevisionIdentity, _ setup: LedgerSetup, _ ledger: WriteAheadLog,
        _ records: RecordWriter
    ) async throws(Failure) -> ClusterMember {
        let started = policy.started
        let alarms = AlertRaiser(ledger: ledger, records: records, log: { log($0) })
        let start = try MemberStart(
            deployment, keys, policy: started.revision.snapshot,
            revision: started.verdict.status.isFounding
                ? nil : identity.whole(OpenSSLHashing()),
            note: { ledger.note($0) }, alarm: { alarms.raise($0, subject: $1) })
        tellUnshared()
        let member = try await start.run(origin: deployment.configuration.ledger.origin)
        setup.node.set(member.permission)
        guard let entry = member.permission.reference(under: started.revision.snapshot.digest)
        else {
            throw Failure(
                .data, "the cluster has changed its revision while this node joined",
                help: "start it again with the files of that revision")
        }
        do throws(LedgerRefusal) { try await policy.loading.record(started, at: entry) } catch {
            throw Failure(.io, "the log does not record the policy: \(error.code)")
        }
        return member
    }

    /// Says that a node of a cluster keeps the revision that it has begun with, which the chain names.
    func tellRevision() {
        log(
            "the policy is not read again: a node of a cluster decides by the revision of its control chain",
            .warning, part: "policy")
    }

    /// Says what each node of a cluster still decides by itself (docs/decisions/0208).
    static func tellUnshared() {
        log(
            "each node counts by itself: recipients, bytes and tokens of a day, calls under way, and demotions; "
                + "people, elevations, promotions, reviews and policies do not change while the cluster runs",
            .warning, part: "cluster")
    }

    /// Gives the kill switch and the approvals of this node what happens on others.
    func followCluster() {
        let (kill, approvals, runs) = (kill, approvals, gateway.runs)
        parts.member?.follow(
            memory: gateway, agents: AgentPlane(CallPipeline(gateway: gateway)),
            bodyBytes: gateway.settings.bodyLimitBytes,
            halted: { kill.follow($0, releasedAt: $1) },
            released: { await kill.follow(release: $0) },
            asked: { ids in await approvals.follow(ids) { await runs.prepare($0) } })
    }
}
