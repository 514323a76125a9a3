package import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
package import InterlockModel
package import InterlockPolicy

/// The common input of commands on a policy: the policy, the lock and the time.
package struct PolicyInput {
    package let path: String
    package let now: Timestamp
    package let lock: LockUse

    /// The policy of a command that names none, as its help says.
    package static let usualPath = "that of --dir or $INTERLOCK_DIR, else policy"

    package static let options: [Option] = [
        .directory, .json,
        Option("--policy PATH", "file or folder (default: \(usualPath))"),
        Option("--lock FILE", "reviewed tools (default: interlock.lock beside the policy)"),
        Option("--no-lock", "leave arguments untyped, whatever lock there is"),
        Option("--at TIME", "judge at this time, RFC 3339 (default: now)"),
    ]

    /// - Parameter named: the policy as a positional argument, which takes precedence over `--policy`.
    package init(_ invocation: Invocation, named: String? = nil) throws(Failure) {
        path = try Self.path(invocation, named: named)
        now = try Self.time(invocation)
        lock = try Self.lock(invocation, beside: path)
    }

    /// - Throws: exit 65 if the policy cannot be compiled, 66 if it does not exist.
    package func load() throws(Failure) -> PolicySnapshot {
        try LoadedPolicy.load(path, lock: lock, at: now).snapshot
    }

    package static func lock(_ invocation: Invocation, beside path: String) throws(Failure)
        -> LockUse
    {
        do throws(LockFile.Unusable) {
            return try LockFile.named(by: invocation, beside: path)
        } catch {
            throw Failure(.data, findings: [error.finding])
        }
    }

    package static func time(_ invocation: Invocation) throws(Failure) -> Timestamp {
        guard let text = invocation["at"] else { return SystemClock().now.wall }
        return try Invocation.parsed(text, "no time", help: "write 2026-11-20T09:00:00Z", .usage) {
            Timestamp(rfc3339: $0)
        }
    }

    /// The named policy, else that of the deployment in `--dir` or `$INTERLOCK_DIR`, else the folder `policy`.
    package static func path(_ invocation: Invocation, named: String?) throws(Failure) -> String {
        if let path = named ?? invocation["policy"] { return path }
        return Deployment.isNamed(invocation) ? try Deployment.open(invocation).policy : "policy"
    }

    /// - Throws: exit 66, with the most similar name as help.
    package static func agent(_ text: String, in policy: PolicySnapshot) throws(Failure)
        -> AgentName
    {
        guard let name = AgentName(text), policy.agents[name] != nil else {
            throw Failure(
                .notFound, "the policy has no agent `\(text)`",
                help: didYouMean(text, among: policy.agents.keys.map(\.text)))
        }
        return name
    }
}
