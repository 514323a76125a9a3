import InterlockAdministration
import InterlockClusterServing
import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockDeployment
import InterlockEvidence
import InterlockGovernor
import InterlockLogReading
import InterlockPolicyReview
import InterlockStore

/// A node of a cluster.
extension Node {
    /// Joins the cluster, and waits until this node may act.
    static func join(
        _ deployment: Deployment, _ keys: NodeKeys, _ started: StartedPolicy,
        _ identity: RevisionIdentity, _ setup: LedgerSetup, _ ledger: WriteAheadLog,
        _ records: RecordWriter
    ) async throws(Failure) -> ClusterMember {
        let alarms = AlertRaiser(ledger: ledger, records: records, log: { log($0) })
        let start = try MemberStart(
            deployment, keys, policy: started.revision.snapshot,
            revision: started.verdict.status.isFounding
                ? nil : identity.whole(OpenSSLHashing()),
            alarm: { alarms.raise($0, subject: $1) })
        return try await start.run(origin: deployment.configuration.ledger.origin)
    }

    /// Gives the kill switch and the approvals of this node what happens on others.
    func followCluster() {
        let (kill, approvals) = (kill, approvals)
        parts.member?.follow(
            halted: { kill.follow($0) }, released: { await kill.follow(release: $0) },
            asked: { await approvals.follow($0) })
    }
}
