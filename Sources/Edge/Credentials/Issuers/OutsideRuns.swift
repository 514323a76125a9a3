import InterlockJSON
import InterlockModel

/// The runs of agents with external tokens. Such a token names no run, and a client obtains a new one every few
/// minutes. One run therefore continues for the same client, subject and person while each token follows another in
/// time, for at most a day. Also after a restart: the random part of such a run's id follows from its line and a secret
/// of the node, so the ids of the runs that the log has open show whose they are.
struct OutsideRuns {
    struct Line: Hashable {
        let issuer: ExactText
        let client: ExactText?
        let subject: ExactText?
        let agent: AgentName
        let person: Person?
    }
    private struct Entry {
        let run: RunID
        let began: Timestamp
        /// The latest expiry among the run's tokens.
        var until: Timestamp
        /// The time at which the run was revoked.
        var revoked: Timestamp?
    }

    static let longest = Duration.seconds(86_400)
    static let largestCount = 10_000
    private let secret: [UInt8]
    private var entries: [Line: Entry] = [:]
    /// The runs that a start found open and whose line has not come yet, by the random part of their ids.
    private var found: [UInt128: RunID] = [:]

    init(secret: [UInt8]) { self.secret = secret }

    /// Takes the runs that a start found open, also those that no line of tokens began.
    mutating func resume(_ open: some Sequence<RunID>) {
        for run in open where (found[run.random]?.milliseconds ?? -1) < run.milliseconds {
            found[run.random] = run
        }
    }

    /// Ends these runs: tokens of their clients that are issued later begin others.
    mutating func revoke(_ runs: [RunID], at time: Timestamp) {
        for run in runs { found[run.random] = nil }
        for (line, entry) in entries where runs.contains(entry.run) {
            entries[line]?.revoked = time
        }
    }

    /// A run from before a start continues also if its last token had expired meanwhile: the log does not tell.
    ///
    /// - Parameter issued: when the token was issued; nil if it does not say.
    mutating func run(
        of line: Line, issued: Timestamp?, until end: Timestamp, _ now: Timestamp
    ) -> RunID {
        if let entry = entries[line], let revoked = entry.revoked {
            // Tokens state whole seconds.
            let isOld =
                issued.map { $0.seconds <= revoked.seconds } ?? (now - revoked < Self.longest)
            if isOld { return entry.run }
            entries[line] = nil
        }
        let new = entries[line] == nil ? beginning(line, now) : nil
        if let new, let run = found.removeValue(forKey: new.random) {
            let began = Timestamp(microseconds: run.milliseconds * 1000)
            entries[line] = Entry(run: run, began: began, until: began + Self.longest)
        }
        if let entry = entries[line], now < entry.until + TokenLife.leeway,
            now >= entry.began, now - entry.began < Self.longest
        {
            if entry.until < end { entries[line]?.until = end }
            return entry.run
        }
        if entries.count >= Self.largestCount {
            entries = entries.filter { $0.value.until > now }
            if entries.count >= Self.largestCount { entries = [:] }
        }
        let run = new ?? beginning(line, now)
        entries[line] = Entry(run: run, began: now, until: end)
        return run
    }

    /// A new run. The random part of its id are 10 bytes of HMAC-SHA256, which only who has the secret can link to a line.
    private func beginning(_ line: Line, _ now: Timestamp) -> RunID {
        let parts = [
            line.issuer.text, line.client?.text, line.subject?.text, line.agent.text,
            line.person?.address,
        ]
        let text = JSONValue.array(parts.map { $0.map(JSONValue.string) ?? .null }).serialized()
        let code = hmacSHA256(key: secret, Array("interlock/outside-run/1 ".utf8) + text)
        return RunID(milliseconds: now.milliseconds, random: Array(code.prefix(10)))
    }
}
