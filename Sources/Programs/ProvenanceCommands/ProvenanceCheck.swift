import InterlockChangeReview
import InterlockCommandLine
import InterlockJSON
import InterlockModel
import InterlockProvenance

/// One check of a range: what was found, and the answer.
struct ProvenanceCheck {
    let range: CheckedRange
    let review: MergeReview?
    let findings: [GateFinding]
    /// The commits of which an agent wrote something, by the log or by their trailers.
    let assisted: Int
    let gateFiles: Int

    /// - Parameter without: runs whose changes need not be readable.
    init(
        _ range: CheckedRange, _ review: MergeReview?, without: Set<RunID>,
        _ gateway: GatewayProvenance
    ) throws(Failure) {
        self.range = range
        self.review = review
        var (digests, runs): (Set<Digest>, Set<RunID>) = ([], [])
        var marked: Set<GitObjectID> = []
        for commit in range.commits {
            digests.formUnion(commit.files.compactMap(\.knownDigest))
            // Trailers that cannot be read are a finding later.
            let groups = (try? CommitMessage(commit.message).trailers) ?? []
            if !groups.isEmpty { marked.insert(commit.commit) }
            runs.formUnion(groups.map(\.run))
        }
        let written = try gateway.written(
            digests.sorted { $0.hex < $1.hex }, runs: runs.sorted { $0.text < $1.text })
        let rules = ProvenanceRules(written, without: without)
        var findings = rules.ofLog
        for commit in range.commits { findings += rules.findings(of: commit) }
        assisted = range.commits.count {
            marked.contains($0.commit) || rules.writtenFiles(of: $0) > 0
        }
        gateFiles = range.paths.count(where: GateFiles.contains)
        if let review {
            let named = Set(
                review.reviews.compactMap(\.person) + [Person(review.merger)].compactMap { $0 })
            let facts = try gateway.facts(of: named.sorted(), for: review)
            findings +=
                MergeRules(
                    review,
                    MergeRules.Facts(
                        known: facts.known, limit: facts.limit, base: range.base,
                        head: range.head, paths: range.paths, lines: range.lines,
                        isAssisted: assisted > 0, counted: facts.counted)
                ).findings
        }
        self.findings = findings
    }

    var result: GateResult { GateResult(findings) }

    /// The members that are recorded and printed.
    private var numbers: JSONObject {
        [
            "result": .string(result.rawValue), "head": .string(range.head.text),
            "base": .string(range.base.text), "commits": .integer(Int64(range.commits.count)),
            "files": .integer(Int64(range.paths.count)), "assisted": .integer(Int64(assisted)),
            "gate": .integer(Int64(gateFiles)),
        ]
    }

    /// The most bytes of the findings that are recorded.
    private static let mostRecordedBytes = 96 << 10

    /// The statement for the log.
    var statement: JSONValue {
        var object = numbers
        if let review, review.mergerKind == .person, let person = Person(review.merger) {
            object["merger"] = .string(person.address)
        }
        object["approvals"] = .integer(
            Int64(review?.reviews.count { $0.state == .approved } ?? 0))
        let codes = Set(findings.map(\.code.rawValue)).sorted()
        object["codes"] = .array(codes.map(JSONValue.string))
        var (rows, bytes): ([JSONValue], Int) = ([], 0)
        for finding in findings.prefix(MergeCheckedRequest.mostFindings) {
            let row = finding.json
            bytes += row.serialized().count + 1
            guard bytes <= Self.mostRecordedBytes else { break }
            rows.append(row)
        }
        object["findings"] = .array(rows)
        object["change"] = change?.json { $0.address }
        return .object(object)
    }

    func summary(record: String) -> JSONValue {
        var object = numbers
        object["findings"] = .integer(Int64(findings.count))
        object["record"] = .string(record)
        return .object(object)
    }

    func sentence(record: String) -> String {
        let counts =
            "\(range.commits.count) commits, \(range.paths.count) files, \(assisted) commits with the work of agents"
        return "\(result.rawValue): \(counts) [rec \(record.prefix(12))]"
    }

    var exit: Exit {
        switch result {
        case .pass: .ok
        case .refused: .no
        case .unknown: .unavailable
        case .pending: .tryAgain
        }
    }
}
