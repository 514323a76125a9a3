package import InterlockJSON
package import InterlockModel

/// The runs that have read untrusted content according to the log.
package struct LoggedTaint: Sendable {
    private struct Entry: Sendable {
        var read: UntrustedRead
        var level: TaintLevel
        /// The call after which the run was hostile; nil if none is known.
        var mark: MarkedRead?
    }
    private var runs: [RunID: Entry] = [:]
    private var recent = RecentTaint()
    /// The runs that have read values of outsiders, and no text of theirs.
    private var valued: Set<RunID> = []
    /// A read of a run for which there was no room.
    private var overflow: UntrustedRead?
    private let most: Int

    /// - Parameter most: the most runs that are remembered at a time.
    package init(most: Int = TaintedRuns.most) { self.most = most }

    /// True if there was no room for a run.
    package var isFull: Bool { overflow != nil || recent.isFull }

    /// Takes the end of a call that may have brought something of its server to its run.
    ///
    /// - Parameter level: the level of the run, or nil if the record has none: a version without levels wrote it, or
    ///   the start after a crash. The run may then have read anything, so it counts as hostile.
    package mutating func end(_ call: CallID, of run: RunID, level: Int64?, at time: Timestamp) {
        guard level != TaintLevel.clean.rawValue else { return }
        let isHostile = level != TaintLevel.untrusted.rawValue
        let known = runs[run]
        guard known == nil || isHostile && known?.level != .hostile else { return }
        let read = known?.read ?? UntrustedRead(call: call, at: time)
        put(
            run,
            Entry(
                read: read, level: isHostile ? .hostile : .untrusted,
                mark: isHostile ? MarkedRead(call: call, at: time) : nil))
    }

    /// Takes the end of a call of a run that has read values of outsiders.
    package mutating func value(_ call: CallID, in run: RunID, at time: Timestamp) {
        guard !valued.contains(run) else { return }
        if valued.count < most {
            valued.insert(run)
        } else {
            end(call, of: run, level: TaintLevel.untrusted.rawValue, at: time)
        }
    }

    /// Takes a record of content that no call brought.
    ///
    /// - Parameters:
    ///   - level: that of the record; nil or another one than it may have counts as hostile.
    ///   - cause: nil for one that this version does not know.
    ///   - source: the run that the record names, or nil.
    package mutating func read(
        by cause: TaintCause?, from source: RunID?, in run: RunID, level: Int64?,
        at time: Timestamp
    ) {
        let level: TaintLevel =
            level == TaintLevel.untrusted.rawValue ? .untrusted : .hostile
        let known = runs[run]
        guard level > (known?.level ?? .clean) else { return }
        let read =
            known?.read
            ?? UntrustedRead(cause: cause ?? .unread, from: source, at: time, isRestored: true)
        put(run, Entry(read: read, level: level, mark: nil))
    }

    private mutating func put(_ run: RunID, _ entry: Entry) {
        if runs[run] != nil || runs.count < most {
            runs[run] = entry
        } else {
            overflow = overflow ?? entry.read
        }
    }

    /// Forgets a run that has ended.
    package mutating func remove(_ run: RunID) {
        runs[run] = nil
        valued.remove(run)
    }

    /// Takes the end of a run, whose level later runs inherit.
    ///
    /// - Parameter isSession: true if it was the session of a host outside `interlock run`.
    package mutating func close(
        _ run: RunID, of agent: AgentName, isSession: Bool, at time: Timestamp
    ) {
        if let level = runs[run]?.level {
            recent.add(
                run, level, of: isSession ? .sessions(agent) : .client(run.random), at: time)
        }
        remove(run)
    }

    /// Applies the levels, before anything is served.
    package func restore(to tainted: TaintedRuns) {
        tainted.restore(recent)
        for run in valued { tainted.noteValues(in: run) }
        for (run, entry) in runs {
            tainted.add(run, entry.read, level: entry.mark == nil ? entry.level : .untrusted)
            if let mark = entry.mark { tainted.raise(run, by: mark) }
        }
        if let overflow { tainted.addEvery(overflow) }
    }
}

extension LoggedTaint {
    /// The number of items.
    package var count: Int { runs.count + recent.count + valued.count }

    /// The items of a snapshot. One of an earlier version has no `level`, and counts as hostile.
    package var items: [JSONValue] {
        let open = runs.map { run, entry -> JSONValue in
            var item: JSONObject = [
                "ofrun": .string(run.text), "at": .integer(entry.read.at.microseconds),
            ]
            item["call"] = entry.read.call.map { .string($0.text) }
            item["code"] = entry.read.cause.map { .string($0.rawValue) }
            item["from"] = entry.read.source.map { .string($0.text) }
            guard entry.level == .hostile else {
                item["level"] = .integer(TaintLevel.untrusted.rawValue)
                return .object(item)
            }
            if let mark = entry.mark, mark.call != entry.read.call {
                item["by"] = .string(mark.call.text)
                item["since"] = .integer(mark.at.microseconds)
            }
            return .object(item)
        }
        let values: [JSONValue] = valued.map { ["ofrun": .string($0.text), "values": true] }
        return recent.items + values + open
    }

    /// - Returns: false if the item has another form.
    package mutating func take(_ item: JSONValue) -> Bool {
        if item["ended"] != nil { return recent.take(item) }
        if item["values"] != nil {
            guard let run = item["ofrun"]?.string.flatMap({ RunID($0) }) else { return false }
            return valued.insert(run).inserted
        }
        guard let run = item["ofrun"]?.string.flatMap({ RunID($0) }), let at = item["at"]?.integer
        else { return false }
        let time = Timestamp(microseconds: at)
        let call = item["call"]?.string.flatMap { CallID($0) }
        let read: UntrustedRead
        if let call {
            read = UntrustedRead(call: call, at: time)
        } else if let cause = item["code"]?.string.flatMap({ TaintCause(rawValue: $0) }) {
            let source = item["from"]?.string.flatMap { RunID($0) }
            read = UntrustedRead(cause: cause, from: source, at: time, isRestored: true)
        } else {
            return false
        }
        guard item["level"]?.integer != TaintLevel.untrusted.rawValue else {
            put(run, Entry(read: read, level: .untrusted, mark: nil))
            return true
        }
        let since = Timestamp(microseconds: item["since"]?.integer ?? at)
        let by = item["by"]?.string.flatMap { CallID($0) } ?? call
        put(
            run,
            Entry(
                read: read, level: .hostile, mark: by.map { MarkedRead(call: $0, at: since) }))
        return true
    }
}
