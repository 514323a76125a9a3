import InterlockCluster
import InterlockJSON
import InterlockModel

extension ClusterAudit {
    /// A chain of a run, with the origin of its log.
    private struct RunChain {
        let log: ExactText
        let chain: RecordedChain
    }

    /// X4: all chains of a run but one name its start as their `home`, and its end names all others.
    mutating func checkRuns() {
        var runs: [RunID: [RunChain]] = [:]
        for log in logs {
            for (run, chain) in log.chains {
                runs[run, default: []].append(RunChain(log: log.name, chain: chain))
            }
        }
        for (run, chains) in runs.sorted(by: { $0.key.text < $1.key.text }) {
            let isAlone = chains.count == 1
            guard
                !isAlone || chains[0].chain.home != nil || chains[0].chain.isMalformed
                    || chains[0].chain.attached?.isEmpty == false
            else { continue }
            for chain in chains { checkHome(chain, of: run, isAlone: isAlone) }
            let first = chains.count { $0.chain.home == nil && $0.chain.first != nil }
            if first > 1 {
                report(
                    ClusterFinding(
                        .runs, "run `\(run.text)` has \(first) chains that name no `home`"))
            }
            for chain in chains { checkEnd(chain, of: run, among: chains) }
        }
    }

    private mutating func checkHome(_ chain: RunChain, of run: RunID, isAlone: Bool) {
        if chain.chain.isMalformed {
            report(
                ClusterFinding(
                    .runs, log: chain.log.text,
                    "run `\(run.text)`: `home` or `att` has no right form"))
        }
        switch chain.chain.home {
        case .start(let log, let hash)?: checkStart(chain, of: run, in: log, hash)
        case .node(let node)?: checkStart(chain, of: run, on: node)
        case nil: return
        }
    }

    private mutating func checkStart(
        _ chain: RunChain, of run: RunID, in log: ExactText, _ hash: Digest
    ) {
        guard let first = byOrigin[log]?.chains[run]?.first else {
            return report(
                ClusterFinding(
                    .runs, as: severity(ofMissingIn: log), log: chain.log.text,
                    "run `\(run.text)` names a `home` that `\(log)` lacks"))
        }
        guard log != chain.log, first == hash else {
            return report(
                ClusterFinding(
                    .runs, log: chain.log.text,
                    "run `\(run.text)` names another `home` than its start in `\(log)`"))
        }
    }

    /// A node that was named without its log has a chain of the run that names no `home` itself.
    private mutating func checkStart(_ chain: RunChain, of run: RunID, on node: NodeName) {
        let own = logs.filter { $0.node == node }
        guard !own.isEmpty else {
            return report(
                ClusterFinding(
                    .runs, as: missing, log: chain.log.text,
                    "run `\(run.text)` names a `home` on `\(node)`, whose log is missing"))
        }
        let starts = own.contains {
            $0.name != chain.log
                && $0.chains[run].map { $0.home == nil && $0.first != nil } ?? false
        }
        guard !starts else { return }
        report(
            ClusterFinding(
                .runs, as: own.allSatisfy(\.isWhole) ? .fault : .unchecked, log: chain.log.text,
                "run `\(run.text)` names another `home` than its start: `\(node)` has none"))
    }

    private mutating func checkEnd(_ end: RunChain, of run: RunID, among chains: [RunChain]) {
        guard let attached = end.chain.attached else { return }
        func fault(_ text: String, _ severity: ClusterFinding.Severity = .fault) {
            report(
                ClusterFinding(
                    .runs, as: severity, log: end.log.text, "the end of run `\(run.text)` \(text)"))
        }
        let named = Set(attached.map(\.log))
        if named.count < attached.count { fault("names a log twice") }
        for chain in chains where chain.log != end.log && !named.contains(chain.log) {
            fault("does not name its chain in `\(chain.log)`")
        }
        for other in attached {
            guard let stated = other.end else {
                fault("names its chain in `\(other.log)` as lost", .listed)
                continue
            }
            guard let chain = byOrigin[other.log]?.chains[run] else {
                fault(
                    "names a chain that `\(other.log)` lacks", severity(ofMissingIn: other.log))
                continue
            }
            guard chain.count == stated.count, chain.last == stated.hash else {
                fault("names another end of its chain in `\(other.log)`")
                continue
            }
        }
    }
}
