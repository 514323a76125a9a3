import InterlockCommandLine
import InterlockJSON
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockPolicy
import InterlockStore

/// The policies and the calls of a window of a deployment's log, read without verifying proofs.
struct PolicyUse {
    /// The policies that were in force in the window, each once.
    let policies: [PolicySnapshot]
    /// The tools that each agent called in the window.
    let used: [AgentName: Set<ToolAddress>]

    private struct Loading {
        let record: StoredRecord
        let at: Timestamp
    }

    /// - Throws: exit 65 if the log does not say what was in force for the whole window, 66 if there is no log.
    init(_ log: AuditLog, from start: Timestamp, until end: Timestamp) throws {
        var reachesBack = false
        // A policy is loaded again at each start; it is compiled once.
        var loadings: [Digest: Loading] = [:]
        var used: [AgentName: Set<ToolAddress>] = [:]
        try log.scan { entry in
            guard let record = entry.record, let time = record.object["ts"]?.integer else {
                return true
            }
            let at = Timestamp(microseconds: time)
            switch record.type {
            // The policy of a drill decides about canaries alone.
            case RecordType.policyLoaded.rawValue where at <= end && record.text("why") != "drill":
                guard let policy = record.digest("pol") else {
                    throw Self.gone("its record does not name it", at)
                }
                // The last one before the window is in force at its start.
                if at <= start {
                    reachesBack = true
                    loadings = [:]
                }
                loadings[policy] = Loading(record: record, at: at)
            case RecordType.callIntent.rawValue where at > start && at <= end:
                guard let agent = record.text("agent").flatMap({ AgentName($0) }),
                    let tool = record.text("tool").flatMap({ ToolAddress(itemWireName: $0) })
                else { break }
                used[agent, default: []].insert(tool)
            default: break
            }
            return true
        }
        guard reachesBack else {
            throw Failure(
                .data, "the log does not reach back to \(start.rfc3339(fractionDigits: 0))",
                help: "unused scopes are known 30 days after the first start")
        }
        var known = ReplayPolicies(log)
        policies = try loadings.map { try Self.policy($0, $1, &known, log) }
        self.used = used
    }

    private static func policy(
        _ digest: Digest, _ loading: Loading, _ known: inout ReplayPolicies, _ log: AuditLog
    ) throws -> PolicySnapshot {
        guard
            case .opened(let bytes) = try log.payload("load", of: loading.record).answer,
            let load = try? JSONValue(parsing: bytes, limits: .upstream),
            let bundle = load["bundle"]?.string.flatMap({ Digest(prefixed: $0) })
        else { throw gone("its record cannot be opened", loading.at) }
        let basis = PolicyBasis(
            bundle: bundle, compiled: loading.at, zones: load["tzdata"]?.string ?? "")
        switch known.policy(digest, basis) {
        case .success(let policy): return policy
        case .failure(let failure): throw gone(failure.reason, loading.at)
        }
    }

    private static func gone(_ reason: String, _ at: Timestamp) -> Failure {
        Failure(
            .data,
            "what the policy of \(at.rfc3339(fractionDigits: 0)) granted is not known: \(reason)")
    }
}
