package import InterlockJSON
package import InterlockModel

/// The runs that have read untrusted content according to the log.
package struct LoggedTaint: Sendable {
    private var reads: [RunID: UntrustedRead] = [:]
    /// A read of a run for which there was no room.
    private var overflow: UntrustedRead?
    private let most: Int

    /// - Parameter most: the most runs that are remembered at a time.
    package init(most: Int = TaintedRuns.most) { self.most = most }

    /// True if there was no room for a run.
    package var isFull: Bool { overflow != nil }

    /// Takes the end of a call that may have brought something of its server to its run.
    ///
    /// - Parameter level: the level of the run, or nil if the record has none: a version without levels wrote it, or
    ///   the start after a crash. The run may then have read anything, so it counts.
    package mutating func end(_ call: CallID, of run: RunID, level: Int64?, at time: Timestamp) {
        guard level != TaintedRuns.Level.clean.rawValue, reads[run] == nil else { return }
        let read = UntrustedRead(call: call, at: time)
        if reads.count < most { reads[run] = read } else { overflow = overflow ?? read }
    }

    /// Forgets a run that has ended.
    package mutating func remove(_ run: RunID) { reads[run] = nil }

    /// Applies the levels, before anything is served.
    package func restore(to runs: TaintedRuns) {
        for (run, read) in reads { runs.add(run, read) }
        if let overflow { runs.addEvery(overflow) }
    }
}

extension LoggedTaint {
    /// The number of runs.
    package var count: Int { reads.count }

    /// The items of a snapshot.
    package var items: [JSONValue] {
        reads.map { run, read in
            [
                "ofrun": .string(run.text), "call": .string(read.call.text),
                "at": .integer(read.at.microseconds),
            ]
        }
    }

    /// - Returns: false if the item has another form.
    package mutating func take(_ item: JSONValue) -> Bool {
        guard let run = item["ofrun"]?.string.flatMap({ RunID($0) }),
            let call = item["call"]?.string.flatMap({ CallID($0) }), let at = item["at"]?.integer
        else { return false }
        end(call, of: run, level: nil, at: Timestamp(microseconds: at))
        return true
    }
}
