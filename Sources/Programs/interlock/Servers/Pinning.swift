import InterlockJSON
import InterlockKeys
import InterlockModel
import InterlockPolicy

/// One run of `servers pin`: asks the servers, shows what differs, and writes when told to. All or
/// nothing: a server that does not answer leaves the lock as it was.
struct Pinning {
    private let deployment: Deployment
    private let policy: LoadedPolicy
    private let invocation: Invocation
    private let old: PolicyLock?
    /// To ask now; sorted.
    private let servers: [(name: ServerName, connection: ServerConnection)]
    private let review: LockReview
    private let accepts: Bool

    init(
        _ deployment: Deployment, _ policy: LoadedPolicy, _ invocation: Invocation
    ) throws(Failure) {
        self.deployment = deployment
        self.policy = policy
        self.invocation = invocation
        old = try LockFile.read(deployment.lock).lock
        servers = try Self.servers(invocation.positional, of: policy.snapshot)
        accepts = invocation.has("accept")
        review = try Self.review(invocation, policy.snapshot)
    }

    func run() async throws(Failure) -> Exit {
        let live = try await LiveServers.ask(
            Set(servers.map(\.name)), of: policy.snapshot, deployment)
        guard live.silent.isEmpty else {
            for (server, reason) in live.silent.sorted(by: { $0.key < $1.key }) {
                Output.error("interlock: \(server): \(TerminalText.shown(reason))")
            }
            throw Failure(
                .unavailable, "\(live.silent.count) servers cannot be compared",
                help: "name the servers that are up: interlock servers pin SERVER")
        }
        var entries = old?.servers ?? [:]
        var differs = false
        for (name, connection) in servers {
            guard let answer = live.answers[name] else { continue }
            let proposal = PinProposal(
                of: connection, answer, beside: entries[name], review: review)
            differs = show(name, entries[name], proposal.entry, proposal.leftOut) || differs
            entries[name] = proposal.entry
        }
        if invocation.positional.isEmpty {
            for name in entries.keys.sorted() where policy.snapshot.servers[name] == nil {
                differs = show(name, entries[name], nil, []) || differs
                entries[name] = nil
            }
        }
        return try conclude(entries, differs: differs)
    }

    /// What the policy would be refused for beside the new lock: a class below the floor, a guard that
    /// does not fit a schema.
    private func conclude(
        _ entries: [ServerName: LockedServer], differs: Bool
    ) throws(Failure) -> Exit {
        let lock: PolicyLock
        do throws(FormError) {
            lock = try PolicyLock(servers: entries, hashing: OpenSSLHashing())
        } catch {
            throw Failure(.data, "the lock would not be sound: \(error)")
        }
        let misfits = PolicyCheck(
            policy.document, lock: .read(lock), with: .system, at: SystemClock().now.wall
        ).findings.filter { $0.code.grade == .error }
        for finding in misfits { Output.error(finding.text) }
        guard differs || old == nil else { return misfits.isEmpty ? .ok : .no }
        guard accepts else {
            Output.error("interlock: nothing is written; accept with --accept --by EMAIL")
            return .no
        }
        try LockFile.write(lock, to: deployment.lock)
        Output.error("interlock: \(deployment.lock) is \(lock.digest.prefixed)")
        return misfits.isEmpty ? .ok : .no
    }

    /// - Returns: whether there is anything to accept.
    private func show(
        _ name: ServerName, _ old: LockedServer?, _ new: LockedServer?,
        _ leftOut: [(name: String, reason: String)]
    ) -> Bool {
        let comparison = LockComparison(of: name, from: old, to: new)
        let text = ComparisonText(comparison: comparison, entry: new, leftOut: leftOut)
        if invocation.has("json") {
            Output.json(text.json)
        } else {
            for line in text.lines { Output.line(line) }
        }
        return comparison.state != .same
    }

    private static func servers(
        _ named: [String], of policy: PolicySnapshot
    ) throws(Failure) -> [(name: ServerName, connection: ServerConnection)] {
        var chosen: [(name: ServerName, connection: ServerConnection)] = []
        if named.isEmpty {
            for server in policy.servers.values {
                if let connection = server.connect { chosen.append((server.name, connection)) }
            }
        }
        for text in Set(named) {
            guard let name = ServerName(text), let server = policy.servers[name] else {
                throw Failure(
                    .notFound, "the policy has no server `\(TerminalText.shown(text))`",
                    help: didYouMean(text, among: policy.servers.keys.map(\.text)))
            }
            guard let connection = server.connect else {
                throw Failure(.notFound, "the policy does not say how \(name) is reached")
            }
            chosen.append((name, connection))
        }
        return chosen.sorted { $0.name < $1.name }
    }

    /// What is not accepted is nobody's statement, and is not written either.
    private static func review(
        _ invocation: Invocation, _ policy: PolicySnapshot
    ) throws(Failure) -> LockReview {
        let text =
            invocation.has("accept")
            ? try invocation.require("by") : invocation["by"] ?? "nobody@localhost"
        guard let person = Person(text) else {
            throw Failure(.usage, "`\(TerminalText.shown(text))` is no address")
        }
        if invocation.has("by"), let people = policy.people, !people.contains(person) {
            throw Failure(.notFound, "`\(person)` is not one of the policy's people")
        }
        return LockReview(by: person, at: SystemClock().now.wall)
    }
}
