package import InterlockJSON
package import InterlockModel

/// The levels of runs that ended less than 24 hours ago, for those that begin anew without a launcher or a person
/// (docs/specs/output-safety.md, section 7). Sessions of a host on a machine follow the sessions of their agent; runs of
/// a client with outside tokens follow those of the same client, which have the same random part in their ids.
///
/// INVARIANT: a run that follows one of these has its level at least. Without room for one more, it is hostile. Kept by
/// `InheritedLevelTests`.
package struct RecentTaint: Sendable {
    /// The time in which a later run inherits a level.
    package static let span = Duration.seconds(86_400)
    /// The most lines that are remembered.
    package static let most = 1 << 16

    /// The runs that follow one another.
    package enum Line: Hashable, Sendable {
        case sessions(AgentName)
        /// The random part of the ids of a client's runs.
        case client(UInt128)
    }
    package struct Ended: Sendable, Hashable {
        package let level: TaintLevel
        package let run: RunID
        package let at: Timestamp
    }
    private struct Key: Hashable {
        let line: Line
        let level: TaintLevel
    }

    private var ended: [Key: Ended] = [:]
    /// The run for which there was no room last.
    private var overflow: Ended?
    private let most: Int

    package init(most: Int = RecentTaint.most) { self.most = most }

    package var count: Int { ended.count }
    package var isFull: Bool { overflow != nil }

    /// Takes the end of a run. Does nothing for a clean one.
    package mutating func add(_ run: RunID, _ level: TaintLevel, of line: Line, at time: Timestamp)
    {
        guard level > .clean else { return }
        let one = Ended(level: level, run: run, at: time)
        let key = Key(line: line, level: level)
        if ended[key] == nil, ended.count >= most {
            ended = ended.filter { time - $0.value.at < Self.span }
            guard ended.count < most else {
                overflow = Ended(level: .hostile, run: run, at: time)
                return
            }
        }
        if let known = ended[key], known.at > time { return }
        ended[key] = one
    }

    /// Returns the worst level that a new run of the line inherits; nil for none. A clock that was set back lets levels
    /// last longer.
    package func worst(of line: Line, at now: Timestamp) -> Ended? {
        let known = [
            overflow, ended[Key(line: line, level: .hostile)],
            ended[Key(line: line, level: .untrusted)],
        ]
        return known.compactMap { $0 }.first { now - $0.at < Self.span }
    }

    /// The items of a snapshot.
    package var items: [JSONValue] {
        ended.map { key, one in
            var item: JSONObject = [
                "ofrun": .string(one.run.text), "level": .integer(one.level.rawValue),
                "ended": .integer(one.at.microseconds),
            ]
            if case .sessions(let agent) = key.line { item["agent"] = .string(agent.text) }
            return .object(item)
        }
    }

    /// - Returns: false if the item has another form.
    package mutating func take(_ item: JSONValue) -> Bool {
        guard let run = item["ofrun"]?.string.flatMap({ RunID($0) }),
            let level = item["level"]?.integer.flatMap({ TaintLevel(rawValue: $0) }),
            let at = item["ended"]?.integer
        else { return false }
        var line = Line.client(run.random)
        if let text = item["agent"]?.string {
            guard let agent = AgentName(text) else { return false }
            line = .sessions(agent)
        }
        add(run, level, of: line, at: Timestamp(microseconds: at))
        return true
    }
}
