import InterlockHooks
import InterlockJSON
import InterlockModel
import Synchronization

/// The decisions about calls of which a host sends several events (docs/specs/coding-agents.md, section 4): the first event
/// is the call, and a further one of another name gets the same verdict.
///
/// Bounded: texts of the host are digests, and of more than `most` the older half is forgotten, whose events are decided
/// again.
final class SharedDecisions: Sendable {
    static let most = 1024

    fileprivate struct Entry {
        let decision: Task<HookVerdict, Never>
        /// The names of the events that it answered.
        var events: Set<ExactText>
        let number: Int
    }
    fileprivate struct State {
        var entries: [Digest: Entry] = [:]
        var next = 0
    }
    private let state = Mutex(State())

    var count: Int { state.withLock { $0.entries.count } }

    /// Returns the decision that an event shares, or begins the decision about its call.
    ///
    /// - Parameters:
    ///   - names: the call by the event, then the names by which further events of it may come; at least one.
    ///   - event: the host's name of the event. The same one again is another call.
    ///   - decide: called if no decision is shared.
    /// - Returns: `isShared` is true for a decision that another event began.
    func decision(
        about names: [Digest], at event: String, decide: () -> Task<HookVerdict, Never>
    ) -> (decision: Task<HookVerdict, Never>, isShared: Bool) {
        let event = ExactText(event)
        return state.withLock { state in
            if let own = names.first, let entry = state.entries[own], !entry.events.contains(event)
            {
                state.entries[own]?.events.insert(event)
                return (entry.decision, true)
            }
            let entry = Entry(decision: decide(), events: [event], number: state.next)
            state.next += 1
            for name in names { state.entries[name] = entry }
            if state.entries.count > Self.most { state.forgetOlderHalf() }
            return (entry.decision, false)
        }
    }

    /// Returns the decision about a call, or nil if none is known.
    func known(_ name: Digest) -> Task<HookVerdict, Never>? {
        state.withLock { $0.entries[name]?.decision }
    }
}

extension SharedDecisions.State {
    // Half at a time, so that a long session does not sort at each call.
    fileprivate mutating func forgetOlderHalf() {
        let oldest = entries.sorted { $0.value.number < $1.value.number }
            .prefix(SharedDecisions.most / 2)
        for (name, _) in oldest { entries[name] = nil }
    }
}

extension HookEvent {
    /// The names of a call of which Cursor may send several events: by all that this event says of it, then by what the
    /// event of a kind of tool says of it. Empty for other hosts, for MCP tools, whose address decides at each event, and
    /// for an event of no generation.
    func sharedNames(in run: RunID, _ hashing: any Hashing) -> [Digest] {
        guard host == .cursor, let generation = prompt, let tool, let word = tool.name.hostTool
        else { return [] }
        func name(_ arguments: JSONObject) -> Digest {
            let call: JSONValue = [
                .string(run.text), .string(session), .string(generation), .string(word),
                workingDirectory.map(JSONValue.string) ?? .null, .object(arguments),
            ]
            return hashing.sha256((try? call.canonical()) ?? call.serialized())
        }
        let own = name(tool.arguments)
        guard kind == .preTool, let member = tool.name.soleMember,
            let value = tool.arguments[member], tool.arguments.count > 1
        else { return [own] }
        return [own, name([member: value])]
    }
}

extension HookToolName {
    /// The only argument in Cursor's event of a kind of tool, for instance `beforeShellExecution`.
    fileprivate var soleMember: String? {
        switch self {
        case .shell: "command"
        case .read, .edit: "file_path"
        case .write, .search, .fetch, .agent, .other, .mcp: nil
        }
    }
}
