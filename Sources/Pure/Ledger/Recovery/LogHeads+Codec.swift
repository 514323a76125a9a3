import InterlockModel

/// The binary form of the heads: u8 with bit 0 set if the epoch has ended, bit 1 if the disk was full, bit 2 if there
/// are unchecked calls, bit 3 if there are settled ones; u64 minimum index; then five lists, each after a u32 count: runs (id, u64 next position, leaf
/// hash of the previous record, term), ended runs (id, oldest first), open intents, unknown intents (leaf hash), runs
/// without a record (id, term); with bit 2 the unchecked calls (u64 of microseconds, intent); with bit 3 the settled calls
/// (leaf hash of the intent).
/// An id has 26 bytes; a text has a u8 length; a term is the agent's name, empty if absent, and a u64 of microseconds.
/// Integers are big-endian. The order within a list is undefined, except for ended runs.
extension LogHeads {
    static let maximumBytes = 256 << 20

    package func encoded() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(16 + runs.count * 96 + calls.open.count * 160)
        output.append(
            (isClosed ? 1 : 0) | (isDiskFull ? 2 : 0) | (calls.unchecked.isEmpty ? 0 : 4)
                | (calls.settled.isEmpty ? 0 : 8))
        output.appendInteger(minimum, width: 8)
        output.appendInteger(UInt64(runs.count), width: 4)
        for (run, link) in runs {
            output += run.text.utf8
            output.appendInteger(UInt64(link.sequence), width: 8)
            // A run is known by its first record, so a previous record exists.
            output += link.previous?.bytes ?? [UInt8](repeating: 0, count: 32)
            output.append(terms[run])
        }
        output.appendInteger(UInt64(ended.newest.count), width: 4)
        for run in ended.newest { output += run.text.utf8 }
        output.appendInteger(UInt64(calls.open.count), width: 4)
        for intent in calls.open.values { intent.append(to: &output) }
        output.append(calls.unknown)
        output.appendInteger(UInt64(issued.count), width: 4)
        for (run, term) in issued {
            output += run.text.utf8
            output.append(term)
        }
        if !calls.unchecked.isEmpty {
            output.appendInteger(UInt64(calls.unchecked.count), width: 4)
            for call in calls.unchecked.values {
                output.appendInteger(UInt64(bitPattern: call.since.microseconds), width: 8)
                call.intent.append(to: &output)
            }
        }
        if !calls.settled.isEmpty { output.append(calls.settled) }
        return output
    }

    /// - Returns: nil unless the range holds the heads and nothing else.
    package init?(decoding bytes: [UInt8], in range: Range<Int>) {
        guard range.count <= Self.maximumBytes else { return nil }
        var reader = ByteReader(bytes, in: range)
        var runs: [RunID: ChainLink] = [:]
        var terms: [RunID: RunExpiry] = [:]
        guard let flags = reader.integer(1), flags <= 15, let minimum = reader.integer(8),
            let runCount = reader.integer(4)
        else { return nil }
        for _ in 0..<runCount {
            guard let run = reader.run(), let sequence = reader.integer(8), sequence > 0,
                let place = Int64(exactly: sequence), let previous = reader.digest(),
                let term = reader.term(),
                runs.updateValue(ChainLink(sequence: place, previous: previous), forKey: run) == nil
            else { return nil }
            terms[run] = term.value
        }
        var ended = EndedRuns()
        guard let endedCount = reader.integer(4) else { return nil }
        for _ in 0..<endedCount {
            guard let run = reader.run(), runs[run] == nil else { return nil }
            ended.insert(run)
        }
        var open: [OpenIntent] = []
        guard let openCount = reader.integer(4) else { return nil }
        for _ in 0..<openCount {
            guard let intent = OpenIntent(&reader) else { return nil }
            open.append(intent)
        }
        guard let unknown = reader.digests() else { return nil }
        var issued: [RunID: RunExpiry] = [:]
        guard let issuedCount = reader.integer(4) else { return nil }
        for _ in 0..<issuedCount {
            guard let run = reader.run(), runs[run] == nil, let term = reader.term()?.value,
                issued.updateValue(term, forKey: run) == nil
            else { return nil }
        }
        guard let unchecked = flags & 4 == 0 ? [] : reader.uncheckedCalls(),
            let settled = flags & 8 == 0 ? [] : reader.digests(), reader.isAtEnd
        else { return nil }
        self.init(
            runs: runs, terms: terms, issued: issued, ended: ended,
            calls: OpenCalls(
                open: open, unknown: unknown, unchecked: unchecked, settled: settled),
            isClosed: flags & 1 != 0, isDiskFull: flags & 2 != 0, minimum: minimum)
    }
}

extension OpenIntent {
    /// Appends leaf hash, flags, call, tool, and, if the intent has a run, its id, agent and subject.
    fileprivate func append(to output: inout [UInt8]) {
        output += hash.bytes
        var flags: UInt8 = 0
        if needsApproval { flags |= Flag.needsApproval }
        if approvalUsed { flags |= Flag.approvalUsed }
        if run != nil { flags |= Flag.hasRun }
        if run?.subject != nil { flags |= Flag.hasSubject }
        if tool != nil { flags |= Flag.hasTool }
        output.append(flags)
        output.appendText(call)
        if let tool { output.appendText(tool) }
        guard let run else { return }
        output += run.run.text.utf8
        output.appendText(run.agent.text)
        if let subject = run.subject { output.appendText(subject.text) }
    }

    fileprivate init?(_ reader: inout ByteReader) {
        guard let hash = reader.digest(), let flags = reader.integer(1).map(UInt8.init),
            flags & ~Flag.all == 0, let call = reader.text()
        else { return nil }
        var tool: String?
        if flags & Flag.hasTool != 0 {
            guard let text = reader.text() else { return nil }
            tool = text
        }
        var context: RunContext?
        if flags & Flag.hasRun != 0 {
            guard let run = reader.run(), let agent = reader.text().flatMap({ AgentName($0) })
            else { return nil }
            var subject: Pseudonym?
            if flags & Flag.hasSubject != 0 {
                guard let text = reader.text() else { return nil }
                subject = Pseudonym(text: text)
            }
            context = RunContext(run: run, agent: agent, subject: subject)
        }
        self.init(
            hash: hash, run: context, call: call, tool: tool,
            needsApproval: flags & Flag.needsApproval != 0,
            approvalUsed: flags & Flag.approvalUsed != 0)
    }

    private enum Flag {
        static let needsApproval: UInt8 = 1
        static let approvalUsed: UInt8 = 2
        static let hasRun: UInt8 = 4
        static let hasSubject: UInt8 = 8
        static let hasTool: UInt8 = 16
        static let all: UInt8 = 31
    }
}

extension ByteReader {
    /// - Returns: nil if the list is malformed.
    fileprivate mutating func digests() -> [Digest]? {
        guard let count = integer(4) else { return nil }
        var hashes: [Digest] = []
        for _ in 0..<count {
            guard let hash = digest() else { return nil }
            hashes.append(hash)
        }
        return hashes
    }

    /// - Returns: nil if the list is malformed.
    fileprivate mutating func uncheckedCalls() -> [UncheckedCall]? {
        guard let count = integer(4), count <= UInt64(OpenCalls.mostUnchecked) else { return nil }
        var calls: [UncheckedCall] = []
        for _ in 0..<count {
            guard let since = integer(8), let intent = OpenIntent(&self) else { return nil }
            calls.append(
                UncheckedCall(
                    intent: intent, since: Timestamp(microseconds: Int64(bitPattern: since))))
        }
        return calls
    }

    fileprivate mutating func run() -> RunID? {
        guard let range = take(26) else { return nil }
        return RunID(String(decoding: bytes[range], as: UTF8.self))
    }

    /// - Returns: nil if the term is malformed, or a `value` of nil if the term is absent.
    fileprivate mutating func term() -> (value: RunExpiry?, Void)? {
        guard let name = text(), let until = integer(8) else { return nil }
        guard !name.isEmpty else { return (nil, ()) }
        guard let agent = AgentName(name) else { return nil }
        let end = Timestamp(microseconds: Int64(bitPattern: until))
        return (RunExpiry(agent: agent, until: end), ())
    }

    fileprivate mutating func text() -> String? {
        guard let count = integer(1), let range = take(Int(count)) else { return nil }
        return String(validating: bytes[range], as: UTF8.self)
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ hashes: Set<Digest>) {
        appendInteger(UInt64(hashes.count), width: 4)
        for hash in hashes { self += hash.bytes }
    }

    fileprivate mutating func append(_ term: RunExpiry?) {
        appendText(term?.agent.text ?? "")
        appendInteger(UInt64(bitPattern: term?.until.microseconds ?? 0), width: 8)
    }

    /// - Precondition: the text has at most 255 bytes; texts in a leaf have at most 128.
    fileprivate mutating func appendText(_ text: String) {
        append(UInt8(text.utf8.count))
        append(contentsOf: text.utf8)
    }
}
