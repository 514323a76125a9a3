import InterlockAdministration
import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockHookDecisions
import InterlockModel
import InterlockPolicyCommands
import InterlockPolicyReview
import InterlockPorts
import InterlockSafety
import InterlockSafetyCommands
import InterlockScanning
import InterlockTransport

/// The searches of results by the rules of the search before a launch, and for canaries and the values of the folder of
/// secrets. The rules are compiled once; the values are read once for both, on a thread of their own, as each search has
/// one.
struct ResultSearches {
    /// Searches the answers of MCP servers.
    let calls: ResultSearch
    /// Searches the results of coding agents' own tools, inside and outside runs.
    let hooks: ResultInspections
}

/// The compilation of the rules, which takes some hundredths of a second.
///
/// It begins with the instance and continues while the rest of a node is opened.
struct RuleCompilation {
    private let task = Task.detached { () -> Result<CompiledRules, ScanFailure> in
        do throws(ScanFailure) {
            return .success(try .builtIn(hashing: OpenSSLHashing()))
        } catch { return .failure(error) }
    }

    /// Returns the rules of the program with those of a revision.
    ///
    /// - Throws: if an engine refuses the rules.
    func holder(under revision: PolicyRevision) async throws(Failure) -> RuleHolder {
        do throws(ScanFailure) {
            let rules = try await task.value.get()
            return RuleHolder(rules, inForce: try SafetyRuleFiles.compiled(of: revision))
        } catch { throw Failure(.internalError, "the search for secrets: \(error.message)") }
    }
}

extension RuleHolder {
    /// Compiles the rules of a revision before anything of it is in force.
    var preparation: RevisionPreparation {
        { revision throws(RevisionRefusal) in try self.prepared(revision) }
    }

    /// - Returns: puts the rules in force.
    private func prepared(
        _ revision: PolicyRevision
    ) throws(RevisionRefusal) -> @Sendable () -> Void {
        let rules: CompiledRules
        do throws(ScanFailure) {
            rules = try SafetyRuleFiles.compiled(of: revision) ?? program
        } catch { throw .rules(error.message) }
        return { self.replace(by: rules) }
    }
}

extension NodeParts {
    func resultSearches() -> ResultSearches {
        let hashing = OpenSSLHashing()
        let values = BrokerValueReader(on: WorkerPool("secret values", threads: 1, limit: 32)) {
            [folder = deployment.secrets, planted = entries.planted] (known) throws(ScanFailure) in
            try BrokerSecrets.changed(
                in: folder, and: planted.values, since: known, at: SystemClock().now.wall
            ).map { ($0.values, $0.revision) }
        }
        values.refresh()
        // A search has one job for its thread at a time, which works through its own queue: `most` bounds what waits of an
        // agent.
        return ResultSearches(
            calls: ResultSearch(
                rules, for: values, hashing: hashing,
                on: WorkerPool("call results", threads: 1, limit: 1),
                most: ResultInspections.mostOfAgent,
                callers: loops.loops.count),
            hooks: ResultInspections(
                ResultSearch(
                    rules, for: values, hashing: hashing,
                    on: WorkerPool("hook results", threads: 1, limit: 1),
                    most: ResultInspections.mostOfAgent)))
    }
}
