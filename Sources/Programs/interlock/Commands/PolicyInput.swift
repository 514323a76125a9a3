import InterlockKeys
import InterlockModel
import InterlockPolicy

/// What the commands that look at a policy have in common: which policy, beside which lock, at which
/// time.
struct PolicyInput {
    let path: String
    let now: Timestamp
    let lock: LockUse

    static let options: [Option] = [
        .directory, .json,
        Option(name: "policy", value: "PATH", help: "file or folder (default: policy)"),
        Option(
            name: "lock", value: "FILE",
            help: "reviewed tools (default: interlock.lock beside the policy)"),
        Option(name: "no-lock", help: "leave arguments untyped, whatever lock there is"),
        Option(name: "at", value: "TIME", help: "judge at this time, RFC 3339 (default: now)"),
    ]

    /// - Parameter named: the policy as a positional argument, before `--policy`.
    init(_ invocation: Invocation, named: String? = nil) throws(Failure) {
        path = try Self.path(invocation, named: named)
        now = try Self.time(invocation)
        lock = try Self.lock(invocation, beside: path)
    }

    /// - Throws: exit 65 when nothing can be compiled, 66 when there is no policy.
    func load() throws(Failure) -> PolicySnapshot {
        try LoadedPolicy.load(path, lock: lock, at: now).snapshot
    }

    static func lock(_ invocation: Invocation, beside path: String) throws(Failure) -> LockUse {
        do throws(LockFile.Unusable) {
            return try LockFile.named(by: invocation, beside: path)
        } catch {
            throw Failure(.data, findings: [error.finding])
        }
    }

    static func time(_ invocation: Invocation) throws(Failure) -> Timestamp {
        guard let text = invocation["at"] else { return SystemClock().now.wall }
        guard let time = Timestamp(rfc3339: text) else {
            throw Failure(.usage, "`\(text)` is no time", help: "write 2026-11-20T09:00:00Z")
        }
        return time
    }

    /// Else that of the deployment that `--dir` names, else the folder `policy`.
    static func path(_ invocation: Invocation, named: String?) throws(Failure) -> String {
        if let path = named ?? invocation["policy"] { return path }
        return invocation.has("dir") ? try Deployment.open(invocation).policy : "policy"
    }

    /// - Throws: exit 66, with the nearest name that there is.
    static func agent(_ text: String, in policy: PolicySnapshot) throws(Failure) -> AgentName {
        guard let name = AgentName(text), policy.agents[name] != nil else {
            throw Failure(
                .notFound, "the policy has no agent `\(text)`",
                help: didYouMean(text, among: policy.agents.keys.map(\.text)))
        }
        return name
    }
}
