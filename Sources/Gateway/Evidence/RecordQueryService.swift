package import InterlockGovernor
package import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPolicy
package import InterlockPorts

/// Records for readers on the people plane: decides who may see which record (decision 0032), and records each access
/// before anything is shown.
package struct RecordQueryService: Sendable {
    private let log: any RecordLog
    private let policy: PolicyHolder
    private let pseudonyms: any Pseudonyms
    private let logReader: AccessRecorder
    private let looks: LogAccessLimiter
    private let tails: OpenTails

    package init(
        log: any RecordLog, gateway: Gateway, pseudonyms: any Pseudonyms, looks: LogAccessLimiter
    ) {
        self.log = log
        self.looks = looks
        tails = OpenTails(clock: gateway.clock)
        self.pseudonyms = pseudonyms
        policy = gateway.policy
        logReader = AccessRecorder(ExportRecorder(gateway))
    }

    /// Returns the part of the query that is visible to this person, or nil if no part is.
    private func filter(_ query: RecordQuery, for visibility: Visibility) -> RecordFilter? {
        var filter = RecordFilter()
        filter.since = query.since
        filter.until = query.until
        filter.tool = query.tool.map(Self.leafName)
        filter.type = query.type
        filter.decision = query.decision
        filter.rule = query.rule
        filter.code = query.code
        filter.run = query.run?.text
        filter.words = query.words
        if query.hidesViews { filter.hidden = RecordFilter.views }
        filter.subject = query.subject.map { subject in
            switch subject {
            case .person(let person): pseudonyms.pseudonym(of: person)
            case .pseudonym(let pseudonym): pseudonym
            }
        }
        filter.agents = query.agent.map { [$0] }
        if let owner = query.owner {
            filter.narrow(to: policy.snapshot.names(ofAgentsOf: owner))
        }
        if !visibility.readsAll {
            if visibility.seesAll, query.isOfRefusals {
                filter.type = RecordType.callDenied.rawValue
            } else {
                filter.narrow(to: Set(visibility.own.map(\.text)))
            }
        }
        return filter.agents?.isEmpty == true ? nil : filter
    }

    /// Returns the form in leaves, `server__tool`, of a tool that policies write as `server.tool`; other text is
    /// unchanged.
    private static func leafName(_ text: String) -> String {
        ToolAddress(dotted: text)?.wireName ?? text
    }
}

extension RecordQueryService {
    /// Returns what the reader may see of the result. The caller must record the access before it shows any of it.
    private func found(
        _ query: RecordQuery, before: UInt64?, limit: Int, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> RecordFinding {
        var found = RecordFinding(rows: [], next: nil, fault: nil, unsearched: nil)
        if let filter = filter(query, for: reader.visibility) {
            found = try await log.search(filter, before: before, limit: limit)
            found.rows.removeAll { row in
                guard case .proved(let record) = row else { return false }
                return !reader.visibility.sees(record)
            }
        }
        return found
    }
}

extension RecordQueryService: RecordQueries {
    package func follow(
        _ query: RecordQuery, limit: Int, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> RecordFinding {
        let look = try looks.begin(.page, by: reader)
        defer { look.end() }
        let found = try await found(query, before: nil, limit: limit, for: reader)
        try await logReader.record(.tail, count: found.rows.count, query.json, by: reader)
        tails.open(query, by: reader)
        return found
    }

    package func newer(
        than index: UInt64?, _ query: RecordQuery, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> Int {
        let look = try looks.begin(.page, by: reader)
        defer { look.end() }
        guard tails.isOpen(query, by: reader) else { throw .noSuchRecord }
        let found = try await found(
            query, before: nil, limit: RecordFinding.mostNewer, for: reader)
        return found.rows.count { row in index.map { row.index > $0 } ?? true }
    }

    package func search(
        _ query: RecordQuery, before: UInt64?, limit: Int, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> RecordFinding {
        let look = try looks.begin(.page, by: reader)
        defer { look.end() }
        let found = try await found(query, before: before, limit: limit, for: reader)
        var asked = query.json
        asked["before"] = before.map { .string(String($0)) }
        try await logReader.record(.query, count: found.rows.count, asked, by: reader)
        return found
    }

    package func record(
        at index: UInt64, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> RecordEvidence {
        let look = try looks.begin(.page, by: reader)
        defer { look.end() }
        let visibility = reader.visibility
        let found = try await log.record(at: index) { visibility.reads($0) }
        guard visibility.sees(found.record) else { throw .noSuchRecord }
        let shown = RecordEvidence(
            record: found.record, proof: found.proof, root: found.root,
            payloads: visibility.reads(found.record) ? found.payloads : nil,
            others: found.others.filter(visibility.sees), fault: found.fault,
            unsearched: found.unsearched)
        try await logReader.record(
            .show, count: 1 + shown.others.count, ["index": .string(String(index))], by: reader)
        return shown
    }

    package func proof(
        of index: UInt64, _ part: ProofPart, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> EvidenceFileBody {
        let look = try looks.begin(.page, by: reader)
        defer { look.end() }
        let found = try await log.record(at: index) { _ in false }
        guard reader.visibility.sees(found.record) else { throw .noSuchRecord }
        try await logReader.record(
            part == .proof ? .prove : .show, count: 1, ["index": .string(String(index))],
            by: reader)
        return switch part {
        case .leaf:
            EvidenceFileBody(name: "record-\(index).json", bytes: found.record.bytes, count: 1)
        case .proof:
            EvidenceFileBody(
                name: "record-\(index).tlog-proof", bytes: found.proof.encoded(), count: 1)
        }
    }

    package func proofs(
        of query: RecordQuery, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> EvidenceFileBody {
        let look = try looks.begin(.file, by: reader)
        defer { look.end() }
        guard let filter = filter(query, for: reader.visibility) else { throw .noSuchRecord }
        let visibility = reader.visibility
        let file = try await log.proofs(of: filter) { visibility.sees($0) }
        guard file.count > 0 else { throw .noSuchRecord }
        try await logReader.record(.prove, count: file.count, query.json, by: reader)
        return file
    }
}

extension RecordFilter {
    mutating func narrow(to names: Set<String>) {
        agents = agents.map { $0.intersection(names) } ?? names
    }
}

extension Visibility {
    /// Returns true if a reader may see the record: refusals of agents that the reader sees, all other records of
    /// agents whose records the reader may read.
    package func sees(_ record: VerifiedRecord) -> Bool {
        guard let agent = record.agent else { return readsAll }
        return reads(agent) || record.isRefusal && sees(agent)
    }

    /// Returns true if the reader may also see the record's payloads.
    package func reads(_ record: VerifiedRecord) -> Bool { record.agent.map(reads) ?? readsAll }
}

extension PolicySnapshot {
    /// Returns the names of the agents that this person owns.
    func names(ofAgentsOf owner: Person) -> Set<String> {
        Set(roster.agents(of: owner).map(\.text))
    }
}

/// Read access to records for pages, with visibility applied. Each method but `newer` has recorded the access before it
/// returns.
package protocol RecordQueries: Sendable {
    /// Searches the newest records as `search` does, and opens a tail of the query: `newer` counts for an hour.
    func follow(
        _ query: RecordQuery, limit: Int, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> RecordFinding

    /// Counts matching records after one, at most `RecordFinding.mostNewer`, without a record of its own.
    ///
    /// - Throws: `.noSuchRecord` unless the reader's newest tail is of this query and still open.
    func newer(
        than index: UInt64?, _ query: RecordQuery, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> Int

    func search(
        _ query: RecordQuery, before: UInt64?, limit: Int, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> RecordFinding

    func record(
        at index: UInt64, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> RecordEvidence

    /// Returns the proof of one record as a file.
    func proof(
        of index: UInt64, _ part: ProofPart, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> EvidenceFileBody

    /// Returns all records that a search finds, each with its proof, as one file.
    func proofs(
        of query: RecordQuery, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> EvidenceFileBody
}

/// One of the two files that a verifier needs.
package enum ProofPart: Sendable, Hashable {
    /// The stored bytes.
    case leaf
    /// The C2SP tlog-proof.
    case proof
}

/// A person's query of the log; a nil field does not restrict it.
package struct RecordQuery: Sendable, Hashable {
    package var agent: String?
    /// Restricts to agents that this person owns in the current policy.
    package var owner: Person?
    /// Restricts to calls on behalf of this person.
    package var subject: Subject?
    /// The tool, written `server.tool` or `server__tool`.
    package var tool: String?
    package var type: String?
    /// The verdict: `allow`, `approve` or `deny`.
    package var decision: String?
    package var rule: String?
    package var code: String?
    package var run: RunID?
    package var since: Timestamp?
    package var until: Timestamp?
    /// Parts of texts of the record, in any letter case, all of which it must have.
    package var words: [String] = []
    /// True to leave out the views of the log and its ticks.
    package var hidesViews = false

    package enum Subject: Sendable, Hashable {
        case person(Person)
        case pseudonym(Pseudonym)

        package var text: String {
            switch self {
            case .person(let person): person.address
            case .pseudonym(let pseudonym): pseudonym.text
            }
        }
    }

    package init() {}

    /// True if only refusals can match.
    var isOfRefusals: Bool { type == "call.denied" || type == nil && decision == "deny" }

    /// The query as `export.made` stores it.
    package var json: JSONObject {
        var object = JSONObject()
        func add(_ name: String, _ text: String?) { object[name] = text.map(JSONValue.string) }
        add("agent", agent)
        add("owner", owner?.address)
        add("subject", subject?.text)
        add("tool", tool)
        add("type", type)
        add("decision", decision)
        add("rule", rule)
        add("code", code)
        add("run", run?.text)
        add("since", since?.rfc3339(fractionDigits: 6))
        add("until", until?.rfc3339(fractionDigits: 6))
        if !words.isEmpty { object["words"] = .array(words.map(JSONValue.string)) }
        if hidesViews { object["views"] = "hidden" }
        return object
    }
}
