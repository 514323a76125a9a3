import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockHookDecisions
import InterlockModel
import InterlockSafety
import InterlockSafetyCommands
import InterlockScanning
import InterlockTransport

/// The searches of results by the rules of the search before a launch, and for the values of the folder of secrets. The
/// rules are compiled once; each search has a thread of its own, and the values are read on another one.
struct ResultSearches {
    /// Searches the answers of MCP servers.
    let calls: ResultSearch
    /// Searches the results of coding agents' own tools, inside and outside runs.
    let hooks: ResultInspections
}

extension NodeParts {
    /// Compiles the rules, which takes a tenth of a second: the first answer of a server must not wait for it.
    func resultSearches() throws(Failure) -> ResultSearches {
        let hashing = OpenSSLHashing()
        let rules: CompiledRules
        do throws(ScanFailure) { rules = try .builtIn(hashing: hashing) } catch {
            throw Failure(.internalError, "the search for secrets: \(error.message)")
        }
        let values: ResultSearch.ChangedValues = {
            [folder = deployment.secrets] (known) throws(ScanFailure) in
            try BrokerSecrets.changed(in: folder, since: known, at: SystemClock().now.wall)
                .map { ($0.values, $0.revision) }
        }
        let callWorkers = WorkerPool("call results", threads: 1, limit: 256)
        let hookWorkers = WorkerPool("hook results", threads: 1, limit: 32)
        let valueReader = WorkerPool("secret values", threads: 1, limit: 32)
        let calls = ResultSearch(
            rules, hashing: hashing, on: callWorkers, isFull: { callWorkers.isFull },
            readingOn: valueReader, callers: loops.loops.count, values: values)
        calls.refresh()
        return ResultSearches(
            calls: calls,
            hooks: ResultInspections(
                ResultSearch(
                    rules, hashing: hashing, on: hookWorkers, isFull: { hookWorkers.isFull },
                    readingOn: valueReader, values: values)))
    }
}
