package import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockDeployment
package import InterlockLedger
package import InterlockModel
import InterlockPolicy
import InterlockPolicyCommands
import InterlockPolicyReview

/// The options that select records, shared by all commands that offer them.
extension Option {
    package static let since = Option(
        "--since TIME", "from then on: RFC 3339, or how long ago, such as 30d")
    package static let until = Option("--until TIME", "before then: RFC 3339, or how long ago")
    package static let ofAgent = Option("--agent AGENT", "of this agent alone")
    package static let ofRun = Option("--run RUN", "of this run alone")
    package static let ofType = Option(
        "--type TYPE", "of this type alone, for instance call.denied")
}

extension RecordFilter {
    /// - Throws: exit 64 for a value that cannot match any record.
    package init(_ invocation: Invocation, _ log: AuditLog) throws(Failure) {
        self.init()
        let now = SystemClock().now.wall
        since = try invocation.timestamp("since", before: now)
        until = try invocation.timestamp("until", before: now)
        if let since, let until, until <= since {
            throw Failure(.usage, "`--until` is not after `--since`")
        }
        agents = invocation["agent"].map { [$0] }
        if let owner = invocation["owner"] {
            let owned = try Self.agents(of: owner, log)
            agents = agents.map { $0.intersection(owned) } ?? owned
        }
        subject = try invocation["subject"].map { text throws(Failure) in
            try Self.pseudonym(text, log)
        }
        tool = invocation["tool"].map(Self.leafName)
        if let decision = invocation["decision"] {
            guard ["allow", "approve", "deny"].contains(decision) else {
                throw Failure(
                    .usage, "`\(decision)` is no decision", help: "allow, approve or deny")
            }
            self.decision = decision
        }
        if let run = invocation["run"] {
            _ = try Invocation.parsed(run, "no id of a run", .usage) { RunID($0) }
        }
        (type, rule, run) = (invocation["type"], invocation["rule"], invocation["run"])
        code = invocation["code"]
    }

    /// Translates `server.tool`, the form in policies, to `server__tool`, the form in leaves.
    private static func leafName(_ text: String) -> String {
        let parts = text.split(separator: ".", maxSplits: 1).map(String.init)
        guard parts.count == 2, let server = ServerName(parts[0]),
            let tool = ToolName(item: parts[1])
        else { return text }
        return ToolAddress(server: server, tool: tool).wireName
    }

    /// The agents that the owner has in the current policy, since the log does not name owners.
    private static func agents(of text: String, _ log: AuditLog) throws(Failure) -> Set<String> {
        guard let owner = Person(text) else {
            throw Failure(.usage, "`\(text)` is no e-mail address")
        }
        guard let deployment = log.deployment else {
            throw Failure(.usage, "`--owner` needs the deployment's policy", help: "--dir DIR")
        }
        let policy = try RevisionSource(path: deployment.policy).served().1.snapshot
        let owned = policy.agents.values.filter { $0.owner == owner }.map(\.name.text)
        guard !owned.isEmpty else {
            throw Failure(.notFound, "no agent of the policy is owned by `\(owner)`")
        }
        return Set(owned)
    }

    /// Accepts a pseudonym as in leaves, or a person's address, which only the deployment can translate.
    private static func pseudonym(_ text: String, _ log: AuditLog) throws(Failure) -> Pseudonym {
        if let written = Pseudonym(written: text) { return written }
        guard let person = Person(text) else {
            throw Failure(.usage, "`\(text)` is neither a pseudonym nor an e-mail address")
        }
        guard let deployment = log.deployment else {
            throw Failure(
                .usage, "only the deployment knows the pseudonym of `\(text)`", help: "--dir DIR")
        }
        return HMACPseudonyms(secret: try NodeKeys.opened(deployment).pseudonym)
            .pseudonym(of: person)
    }
}

extension Invocation {
    /// Parses the time of an option, if it is there.
    package func timestamp(_ option: String, before now: Timestamp) throws(Failure) -> Timestamp? {
        try self[option].map { text throws(Failure) in try time(text, before: now) }
    }
}

/// Parses a time of the command line: RFC 3339, a date, or a duration before `now`.
package func time(_ text: String, before now: Timestamp) throws(Failure) -> Timestamp {
    if let time = Timestamp(rfc3339: text) { return time }
    if let date = CivilDate(text) { return date.start }
    let (length, overflow) = Int64(secondsOf(text) ?? -1).multipliedReportingOverflow(by: 1_000_000)
    guard length >= 0, !overflow, length <= now.microseconds else {
        throw Failure(
            .usage, "`\(text)` is no time", help: "write 2026-11-20T12:00:00Z, 2026-11-20 or 30d")
    }
    return Timestamp(microseconds: now.microseconds - length)
}

/// Parses a count of the command line, 1 to 1,000,000.
package func count(
    _ invocation: Invocation, _ option: String, default standard: Int
) throws(Failure) -> Int {
    guard let text = invocation[option] else { return standard }
    guard let count = Int(text), (1...1_000_000).contains(count) else {
        throw Failure(.usage, "`--\(option)` takes a count from 1 to 1000000")
    }
    return count
}
