package import InterlockCluster
import InterlockClusterAudit
import InterlockClusterOrders
import InterlockCommandLine
import InterlockCredentials
import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockStore

/// Verifies the logs of a cluster and its control chain. The digest of the first entry, from outside the folder, is what
/// everything rests on: the chain has the key of each node's log.
package struct ClusterVerification {
    package var folder: String
    package var genesis: Digest
    /// Further keys of logs, witnesses, and the quorum of cosignatures that each log needs.
    package var trust = LogTrust.nobody
    /// Signed checkpoints that were kept elsewhere, of any of the logs.
    package var oldCheckpoints: [(name: String, note: [UInt8])] = []
    /// The nodes whose logs are known to be lost.
    package var lost: Set<NodeName> = []

    package init(folder: String, genesis: Digest) {
        self.folder = folder
        self.genesis = genesis
    }

    /// - Throws: exit 66 if the folder lacks logs or the chain, 65 if the chain has another form or an old checkpoint is
    ///   of none of the logs, 74 if files cannot be read.
    package func run() throws -> ClusterReport {
        let folder = try ClusterFolder(folder)
        let origins = Set(texts: folder.logs.map(\.origin))
        for old in oldCheckpoints where !origins.contains(origin(of: old.note) ?? "") {
            throw Failure(.data, "`\(old.name)` is the checkpoint of none of the logs")
        }
        let rows = try folder.chain()
        let policies = folder.policies(of: rows)
        let verifier = PeopleEntryVerifier.ofThePast { policies[$0] }
        let chain: ChainHistory
        do throws(EntryRejection) {
            chain = try ChainHistory(rows, genesis: genesis, verifier: verifier)
        } catch {
            return ClusterReport(rejected: error)
        }
        var report = ClusterReport(head: chain.head)
        var logs: [NodeLog] = []
        for (origin, path) in folder.logs {
            let reader = LedgerReader(
                directory: path, payloads: path + "/../payloads", hashing: OpenSSLHashing())
            var log = NodeLog(origin: origin)
            let keys = keys(of: log, chain)
            if keys.isEmpty {
                // It is the log of no member, which is a finding.
                log.skip()
            } else {
                let result = try verify(reader, origin, keys)
                if result.isGood {
                    try read(&log, reader, upTo: result.size)
                } else {
                    log.skip()
                }
                report.logs.append(ClusterReport.Log(origin: origin, report: result))
            }
            logs.append(log)
        }
        report.findings = ClusterAudit.findings(chain, logs, lost: lost)
        return report
    }

    private func origin(of note: [UInt8]) -> String? { try? Checkpoint(unverified: note).origin }

    /// The key of the node's member entry, under the origin of the log, and those that were given for it.
    private func keys(of log: NodeLog, _ chain: ChainHistory) -> [VerifierKey] {
        let given = trust.allKeys.filter { $0.name == log.origin }
        let own = chain.members.first { $0.name == log.node }.flatMap { member in
            VerifierKey(
                name: log.origin, publicKey: member.keys.log.bytes, hashing: OpenSSLHashing())
        }
        return given + (own.map { [$0] } ?? [])
    }

    private func verify(
        _ reader: LedgerReader, _ origin: String, _ keys: [VerifierKey]
    ) throws -> VerifyReport {
        let progress = Progress("records verified", of: try? reader.size())
        defer { progress.end() }
        var request = VerifyRequest(keys: keys, verifier: OpenSSLVerifier())
        request.trust = trust.policy
        request.isOfCluster = true
        request.oldCheckpoints = oldCheckpoints.filter { self.origin(of: $0.note) == origin }
        request.onEntry = { progress.add() }
        return try reading { try reader.verify(request) }
    }

    /// Reads the records that were verified.
    private func read(_ log: inout NodeLog, _ reader: LedgerReader, upTo size: UInt64) throws {
        try reading {
            if try reader.first() > 0 { log.skip() }
            try reader.scan { entry in
                guard entry.index < size else { return false }
                if let record = entry.record {
                    log.add(record, hash: entry.leaf.hash, at: entry.index)
                }
                return true
            }
        }
    }
}
