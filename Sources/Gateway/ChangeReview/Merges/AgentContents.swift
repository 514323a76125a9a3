package import InterlockEvidence
import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPorts
import InterlockWorkspace

/// The contents of files that runs wrote, by their SHA-256, as the log has them: the changes of each `run.diff`.
///
/// The log is read from the last record that is known, so the first question after a start reads all of it and the next
/// ones what is new.
package actor AgentContents {
    /// A run with changes on record.
    struct Run: Sendable, Hashable {
        let run: RunID
        let agent: AgentName
        /// The hash of the newest record that lists its changes.
        var record: Digest
        /// The coding agent and its version, as its hooks said; nil if none did.
        var host: String?
    }

    private let log: any RecordLog
    private let store: any ChangeReviewStore
    private let hashing: any Hashing

    private var runs: [Run] = []
    private var places: [RunID: Int] = [:]
    /// The places of the runs that wrote a content, the newest last.
    private var writers: [Digest: [Int32]] = [:]
    private var unread: [RunID: String] = [:]
    /// The runs of which the host is known, or known not to be on record: they have ended.
    private var hosted: Set<RunID> = []
    /// The records below are read.
    private var next: UInt64 = 0
    private var isReading = false

    private static let mostRecords = 100_000
    private static let mostContents = 2_000_000
    /// The most runs that are remembered for one content.
    private static let mostWriters = 8
    /// The most records of a run's sessions that are read for its host, the newest first.
    private static let mostSessionRecords = 200

    package init(log: any RecordLog, store: any ChangeReviewStore, hashing: any Hashing) {
        self.log = log
        self.store = store
        self.hashing = hashing
    }

    /// Answers for the contents and runs of a request, as of now.
    ///
    /// - Throws: `busy` while the log is read for another request.
    func answer(
        _ request: WrittenContentsRequest
    ) async throws(MergeCheckRefusal) -> WrittenContentsAnswer {
        try await refresh()
        var named = Set(request.runs.compactMap { places[$0] })
        var found: [(content: Digest, runs: [RunID])] = []
        for content in request.contents {
            guard let writers = writers[content] else { continue }
            named.formUnion(writers.map(Int.init))
            found.append((content, writers.map { runs[Int($0)].run }))
        }
        for place in named { try await addHost(to: place) }
        return WrittenContentsAnswer(
            runs: named.sorted().map { runs[$0] }, contents: found,
            unread: unread.sorted { $0.key.text < $1.key.text }.map { ($0.key, $0.value) })
    }

    private func addHost(to place: Int) async throws(MergeCheckRefusal) {
        let run = runs[place].run
        guard !hosted.contains(run) else { return }
        var filter = RecordFilter()
        filter.type = RecordType.hookSession.rawValue
        filter.run = run.text
        let page: RecordFinding
        do throws(EvidenceRefusal) {
            page = try await log.search(filter, before: nil, limit: Self.mostSessionRecords)
        } catch { throw MergeCheckRefusal(error) }
        if let shortcoming = page.shortcoming { throw .notRead(shortcoming) }
        var newest: String?
        var version: String?
        for case .proved(let record) in page.rows {
            guard let name = record.record.text("host") else { continue }
            let host = newest ?? name
            newest = host
            // The first record of a session alone has the version; an older session may be of another host.
            guard sameBytes(host, name), let known = record.record.text("hv") else { continue }
            version = known
            break
        }
        let host = newest.map { name in version.map { "\(name) \($0)" } ?? name }
        runs[place].host = host
        hosted.insert(run)
    }

    private func refresh() async throws(MergeCheckRefusal) {
        guard !isReading else { throw .busy }
        isReading = true
        defer { isReading = false }
        var filter = RecordFilter()
        filter.type = RecordType.runDiff.rawValue
        let records = try await log.newRecords(
            filter, from: next, most: Self.mostRecords, "records of changes")
        for record in records {
            try await add(record)
            next = record.index + 1
        }
    }

    private func add(_ record: VerifiedRecord) async throws(MergeCheckRefusal) {
        guard let run = record.record.text("ofrun").flatMap({ RunID($0) }),
            let agent = record.agent, let count = record.record.object["cnt"]?.integer
        else { throw .notRead("record \(record.index) is not as it is written") }
        let place = places[run] ?? runs.count
        if place == runs.count {
            runs.append(Run(run: run, agent: agent, record: record.hash))
            places[run] = place
        }
        runs[place].record = record.hash
        let evidence: RecordEvidence
        do throws(EvidenceRefusal) {
            evidence = try await log.record(at: record.index) { _ in true }
        } catch { throw MergeCheckRefusal(error) }
        let payload = evidence.payloads?.first { $0.field == "changes" }
        var listed: [JSONValue]?
        if case .opened = payload?.answer { listed = payload?.json?.array }
        // Earlier contents of the run stay, and so does what was unread: a later review may list fewer.
        guard writers.count < Self.mostContents else {
            throw .notRead("runs wrote more than \(Self.mostContents) contents")
        }
        if let listed, listed.count == count {
            for change in listed { add(change, of: place) }
        } else if let changes = stored(run, record) {
            for change in changes { add(change.json, of: place) }
        } else {
            for change in listed ?? [] { add(change, of: place) }
            unread[run] =
                listed.map { "\($0.count) of \(count) changes are on record, and the rest is gone" }
                ?? "its record cannot be opened: \(payload?.text ?? "no payload")"
        }
    }

    /// Returns the changes that the record binds by their digest, from the layer of the run, if that is still there.
    private func stored(_ run: RunID, _ record: VerifiedRecord) -> [WorkspaceChange]? {
        guard store.hasChanges(of: run), let diff = try? store.changes(of: run),
            record.record.digest("sum") == diff.changes.digest(hashing)
        else { return nil }
        return diff.changes
    }

    /// Adds the content of a file that the run wrote. A changed mode, an empty file and what is in `.git` do not count.
    private func add(_ change: JSONValue, of place: Int) {
        guard change["kind"]?.string == "file", let path = change["path"]?.string,
            !path.utf8.starts(with: ".git/".utf8), (change["size"]?.integer ?? 0) > 0,
            let hex = change["sha256"]?.string,
            change["lower_sha256"]?.string.map({ !sameBytes($0, hex) }) ?? true,
            let content = Digest(hex: hex)
        else { return }
        var known = writers[content] ?? []
        known.removeAll { Int($0) == place }
        known.append(Int32(place))
        if known.count > Self.mostWriters { known.removeFirst() }
        writers[content] = known
    }
}
