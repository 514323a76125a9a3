import InterlockJSON
import InterlockLedger
package import InterlockModel

/// One session of a coding agent, as records of its run describe it (docs/specs/coding-agents.md, sections 9 and 10). Names
/// that a host made are short identifiers, or the digests of other texts.
package struct HostSessionView: Sendable, Hashable {
    /// The state of its hooks.
    package enum Health: String, Sendable, CaseIterable {
        /// An event of a hook came in the last 15 minutes.
        case active
        /// A record says that hooks were silent or bypassed.
        case silent
        case ended
        /// No event came lately, so nothing is known of its hooks.
        case unknown
    }

    package struct Subagent: Sendable, Hashable {
        package let name: String
        package let kind: String?
    }

    /// The calls of one tool, by their verdicts.
    package struct Tool: Sendable, Hashable {
        package let name: String
        package var allowed = 0
        package var approved = 0
        package var denied = 0
    }

    /// Records of one type that are about the hooks themselves.
    package struct Finding: Sendable, Hashable {
        package let type: String
        package var count: Int
    }

    /// The most subagents, tools and findings of one session; more are left out.
    package static let mostParts = 64
    /// The time after which a session without an event is unknown.
    package static let lately = Duration.seconds(900)

    package let run: RunID
    package let agent: AgentName
    package let name: String
    package internal(set) var host: String?
    package internal(set) var version: String?
    package internal(set) var mode: String?
    package internal(set) var subagents: [Subagent] = []
    package internal(set) var tools: [Tool] = []
    package internal(set) var findings: [Finding] = []
    /// The ends of calls that no intent began.
    package internal(set) var unmatched = 0
    /// The newest event, in the words of its record, and the index of that record.
    package internal(set) var lastEvent = ""
    package internal(set) var last = Timestamp(microseconds: 0)
    package internal(set) var newest: UInt64 = 0
    package internal(set) var health = Health.unknown
    var isEnded = false
    /// The index of its newest `hook.session`.
    var newestOfSession: UInt64 = 0

    init(run: RunID, agent: AgentName, name: String) {
        self.run = run
        self.agent = agent
        self.name = name
    }

    /// The number of calls of all its tools, as far as its records were read.
    package var calls: Int { tools.reduce(0) { $0 + $1.allowed + $1.approved + $1.denied } }

    func health(at now: Timestamp, isOver: Bool) -> Health {
        if findings.contains(where: { Self.silence.contains($0.type) }) { return .silent }
        if isEnded || isOver { return .ended }
        return last + Self.lately > now && last <= now ? .active : .unknown
    }

    private static let silence = [RecordType.hookSilent, .hookBypassed].map(\.rawValue)
}

extension HostSessionView {
    /// Takes the fields of one record; the caller passes records in the order of the log.
    mutating func add(_ record: VerifiedRecord) {
        let leaf = record.record
        host = leaf.text("host") ?? host
        if let name = leaf.text("sub"), !subagents.contains(where: { sameBytes($0.name, name) }),
            subagents.count < Self.mostParts
        {
            subagents.append(Subagent(name: name, kind: leaf.text("kind")))
        }
        switch leaf.type {
        case RecordType.hookSession.rawValue:
            newestOfSession = record.index
            version = leaf.text("hv") ?? version
            mode = leaf.text("mode") ?? mode
            if leaf.text("ev") == "session_start" { isEnded = false }
            if leaf.text("ev") == "session_end" { isEnded = true }
        case RecordType.hookCall.rawValue:
            if leaf.text("dec") == "unmatched" { unmatched += 1 }
        case RecordType.callIntent.rawValue:
            count(leaf.text("tool")) { tool in
                if leaf.text("dec") == "approve" { tool.approved += 1 } else { tool.allowed += 1 }
            }
        case RecordType.callDenied.rawValue: count(leaf.text("tool")) { $0.denied += 1 }
        default:
            if Self.isAboutHooks(leaf.type) { note(leaf.type) }
            return
        }
        lastEvent = leaf.text("ev") ?? leaf.type
        last = leaf.time ?? last
        newest = record.index
    }

    /// True for the types of records about hooks themselves, also for those that this version does not know.
    static func isAboutHooks(_ type: String) -> Bool {
        type.hasPrefix("hook.") || type.hasPrefix("host.")
            || sameBytes(type, RecordType.redactionFailed.rawValue)
    }

    /// Counts a record that says something of the hooks themselves.
    mutating func note(_ type: String) {
        if let place = findings.firstIndex(where: { sameBytes($0.type, type) }) {
            findings[place].count += 1
        } else if findings.count < Self.mostParts {
            findings.append(Finding(type: type, count: 1))
        }
    }

    private mutating func count(_ wireName: String?, _ change: (inout Tool) -> Void) {
        let name = (wireName ?? "unknown").replacing("__", with: ".", maxReplacements: 1)
        if let place = tools.firstIndex(where: { sameBytes($0.name, name) }) {
            change(&tools[place])
        } else if tools.count < Self.mostParts {
            var tool = Tool(name: name)
            change(&tool)
            tools.append(tool)
        }
    }
}

/// Collects the sessions of one run from its records.
struct HostSessionCollector {
    private(set) var sessions: [HostSessionView] = []
    /// The types of records about the hooks of the run that name no session: they count for each.
    private var ofRun: [String] = []

    /// - Parameter records: the records of one run, in the order of the log.
    init(_ records: [VerifiedRecord]) {
        for record in records { add(record) }
        for place in sessions.indices {
            for type in ofRun { sessions[place].note(type) }
        }
    }

    private mutating func add(_ record: VerifiedRecord) {
        let type = record.record.type
        guard let name = record.record.text("ses") else {
            if HostSessionView.isAboutHooks(type) { ofRun.append(type) }
            return
        }
        guard let run = record.run, let agent = record.agent else { return }
        if let place = sessions.firstIndex(where: { sameBytes($0.name, name) }) {
            sessions[place].add(record)
        } else {
            var session = HostSessionView(run: run, agent: agent, name: name)
            session.add(record)
            sessions.append(session)
        }
    }
}
