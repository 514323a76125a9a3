import InterlockCommandLine
import InterlockDeployment
import InterlockHookDecisions
import InterlockJSON
import InterlockTransport

/// Puts an installation on record at the gateway of a deployment, before a file changes.
enum InstallationRecord {
    /// Durable on return, or a line on standard error if no gateway runs there.
    ///
    /// - Throws: exit 69 if a gateway runs, and it is not known that it has the record.
    static func write(_ change: HookInstallation, to deployment: Deployment) throws(Failure) {
        let client = LocalClient(.unix(path: deployment.socket), patience: .seconds(10))
        let answer: (head: ResponseHead, body: [UInt8])
        do throws(LocalFailure) {
            answer = try client.send(
                "POST", "/v1/hooks/installed", headers: [("content-type", "application/json")],
                body: change.json.serialized())
        } catch {
            guard error.code == .unreachable else {
                throw Failure(.unavailable, "the gateway did not record it: \(error)")
            }
            return Output.error(
                "interlock: no gateway runs in `\(deployment.directory)`: this change is not on record"
            )
        }
        guard answer.head.status == 200 else {
            let problem = try? JSONValue(parsing: answer.body, limits: .upstream)
            throw Failure(
                .unavailable,
                problem?["detail"]?.string ?? "the gateway answered \(answer.head.status)",
                help: "nothing was changed; try again")
        }
    }
}
