package import InterlockAdministration
import InterlockEvidence
import InterlockGovernor
package import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPorts
package import InterlockReview

// The records of a sample, as reviewers read and mark them. A mark is durable before it is answered.
extension ReviewService {
    /// The longest note, in bytes.
    package static let longestNote = 4_000

    /// The sample of an open review, with the marks so far.
    package func shown(_ id: ReviewID) async throws(Problem) -> JSONValue {
        if registry.open(id) == nil, let signed = registry.signed(id) {
            return try await shown(signed)
        }
        let review = try open(id)
        let sample = try await sample(of: review)
        guard var object = summary(review, sample).object else { return .null }
        let marked = MarkedSample(sample, marks: review.marks)
        object["sample"] = sample.json
        object["strata"] = .array(
            sample.strata.filter { $0.population > 0 }.map { stratum -> JSONValue in
                [
                    "agent": .string(stratum.agent.text),
                    "stratum": .string(stratum.stratum.rawValue),
                    "population": .integer(Int64(stratum.population)),
                    "bound": .string(marked.bound(of: stratum)),
                    "records": .array(
                        marked.records(of: stratum).map { record -> JSONValue in
                            Self.row(record, review.marks[record.leaf])
                        }),
                ]
            })
        object["warnings"] = .array(marked.warnings.map { .string($0) })
        object["drift"] = try await facts(of: review).json["drift"]
        let earlier = registry.reviews(of: review.scope)?.findings ?? []
        object["earlier"] = .array(earlier.map(\.row))
        return .object(object)
    }

    /// The last signed review of a scope, with its sample.
    private func shown(_ signed: ReviewSignOff) async throws(Problem) -> JSONValue {
        let sample = try await sample(of: signed.review, signed.sample)
        return [
            "review": .string(signed.review.text), "scope": .string(signed.scope.text),
            "from": .string(signed.period.start.rfc3339(fractionDigits: 0)),
            "to": .string(signed.period.end.rfc3339(fractionDigits: 0)),
            "signed": .string(signed.date.rfc3339(fractionDigits: 0)), "unmarked": 0,
            "sample": sample.json, "document": signed.json,
        ]
    }

    private static func row(_ record: SampledRecord, _ mark: MarkedRecord?) -> JSONValue {
        var row: JSONObject = [
            "leaf": .string(record.leaf.base64),
            "index": .integer(Int64(clamping: record.index)),
            "at": .string(record.time.rfc3339(fractionDigits: 0)),
        ]
        guard let mark else { return .object(row) }
        row["as"] = .string(mark.judgement.word)
        if case .finding(let severity) = mark.judgement {
            row["severity"] = .integer(Int64(severity.rawValue))
        }
        return .object(row)
    }

    /// Reads one record of the sample again, and notes that it was opened. One whose payload was erased is marked so, and
    /// the next record takes its place.
    package func read(
        _ leaf: Digest, of id: ReviewID, by: Pseudonym
    ) async throws(Problem) -> JSONValue {
        let review = try open(id)
        let (opened, stratum) = try await openRecord(
            leaf, of: review, try await sample(of: review), by: by)
        var answer: JSONObject = [
            "leaf": .string(leaf.base64),
            "index": .integer(Int64(clamping: opened.record.index)),
            "agent": .string(stratum.agent.text), "stratum": .string(stratum.stratum.rawValue),
            "record": opened.record.json, "others": .array(opened.others.map(\.json)),
            "erased": .bool(opened.isErased),
        ]
        answer["as"] = registry.open(id)?.marks[leaf].map { .string($0.judgement.word) }
        return .object(answer)
    }

    /// Reads one record as `read` says.
    func openRecord(
        _ leaf: Digest, of review: OpenReview, _ sample: ReviewSample, by: Pseudonym
    ) async throws(Problem) -> (record: ReadRecord, stratum: StratumSample) {
        let id = review.id
        let (record, stratum) = try listed(leaf, in: review, sample)
        guard let found = await log.record(record, under: review.checkpoint) else {
            throw Problem(.notRead, "the record cannot be read, or is not proved")
        }
        try await noteAccess(id, .show, count: 1 + found.others.count, by)
        noteOpened(OpenedRecord(review: id, leaf: leaf, by: by), at: registry.now())
        let before = review.marks[leaf]?.judgement
        // A finding was read before its payload was erased, and stays.
        if found.isErased, before != .erased, before?.isFinding != true {
            _ = try await mark(leaf, of: id, .erased, note: "", by: by)
        }
        return (found, stratum)
    }

    /// Records the judgement of a reviewer on one record, which the reviewer has opened before. The mark is recorded, then
    /// stored: if the process dies between the two, it does not count, and is made again.
    ///
    /// - Throws: `otherState` if the reviewer has not opened the record, if a payload of it was erased, or if people signed
    ///   the review already.
    package func mark(
        _ leaf: Digest, of id: ReviewID, as word: String, severity: Int?, note: String,
        by: Pseudonym
    ) async throws(Problem) -> JSONValue {
        guard let judgement = MarkedRecord.Outcome(word: word, severity: severity),
            judgement != .erased
        else {
            throw Problem(
                .malformed, "a mark is `ok`, `unclear`, or `finding` with a severity from 1 to 3")
        }
        return try await mark(leaf, of: id, judgement, note: note, by: by)
    }

    private func mark(
        _ leaf: Digest, of id: ReviewID, _ judgement: MarkedRecord.Outcome, note: String,
        by: Pseudonym
    ) async throws(Problem) -> JSONValue {
        await changing.enter()
        defer { changing.leave() }
        let review = try open(id)
        if judgement != .erased { try await refuseChange(of: review) }
        _ = try listed(leaf, in: review, try await sample(of: review))
        guard judgement == .erased || review.marks[leaf]?.judgement != .erased else {
            throw Problem(
                .otherState,
                "a payload of the record was erased: the next record of the stratum is read in its place"
            )
        }
        if note.isEmpty, judgement != .erased,
            case .finding(let before) = review.marks[leaf]?.judgement
        {
            guard case .finding(let now) = judgement, now.rawValue <= before.rawValue else {
                throw Problem(
                    .malformed,
                    "the record is marked as a finding of severity \(before.rawValue): say in the note why it is none any more, or a milder one"
                )
            }
        }
        guard note.utf8.count <= Self.longestNote else {
            throw Problem(.tooLarge, "a note has at most \(Self.longestNote) bytes")
        }
        let place = OpenedRecord(review: id, leaf: leaf, by: by)
        guard let opened = whenOpened(place) else {
            throw Problem(
                .otherState, "open the record before you mark it",
                help: "interlock review sample \(id.text) --open \(leaf.base64)")
        }
        var fields: JSONObject = [
            "rvw": .string(id.text), "h": .string(leaf.base64), "as": .string(judgement.word),
            "date": .integer(opened.microseconds), "by": .string(by.text),
        ]
        fields["agent"] = review.scope.agent.map { .string($0.text) }
        if case .finding(let severity) = judgement {
            fields["sev"] = .integer(Int64(severity.rawValue))
        }
        let draft = gateway.records.record(
            .reviewMarked, run: nil, fields: fields,
            sealing: note.isEmpty ? [] : [("note", Array(note.utf8))])
        let commitment = draft.payloads.first(where: { $0.field == "note" })?.commitment
        let made = MarkedRecord(
            leaf: leaf, judgement, by: by, note: commitment, opened: opened,
            marked: registry.now())
        guard let mark = made else {
            throw Problem(.otherState, "the record was opened after it was marked")
        }
        _ = try await append(draft)
        do throws(ReviewStoreFailure) { try await registry.keep(mark, of: id) } catch {
            throw Problem(error)
        }
        forget(place)
        return ["leaf": .string(leaf.base64), "as": .string(judgement.word)]
    }

    /// The record of the list with its stratum, also if it replaces an erased one.
    private func listed(
        _ leaf: Digest, in review: OpenReview, _ sample: ReviewSample
    ) throws(Problem) -> (record: SampledRecord, stratum: StratumSample) {
        let marked = MarkedSample(sample, marks: review.marks)
        for stratum in sample.strata {
            if let record = marked.records(of: stratum).first(where: { $0.leaf == leaf }) {
                return (record, stratum)
            }
        }
        throw Problem(.noSuchRecord, "no record of the sample has this leaf hash")
    }

    /// Records that a person reads the log. Nothing is read or shown before it is durable.
    func noteAccess(
        _ id: ReviewID, _ kind: ExportKind, count: Int, _ by: Pseudonym
    ) async throws(Problem) {
        let query = JSONValue.object(["review": .string(id.text)]).serialized()
        do throws(LedgerRefusal) {
            _ = try await ExportRecorder(gateway).record(
                kind, count: count, query: query, by: .person(by))
        } catch {
            throw Problem(
                .notRecorded, "that you read it cannot be recorded (\(error.code))")
        }
    }

    /// The numbers of a review.
    func summary(_ review: OpenReview, _ sample: ReviewSample) -> JSONValue {
        let marked = MarkedSample(sample, marks: review.marks)
        return [
            "review": .string(review.id.text), "scope": .string(review.scope.text),
            "from": .string(review.period.start.rfc3339(fractionDigits: 0)),
            "to": .string(review.period.end.rfc3339(fractionDigits: 0)),
            "started": .string(review.started.rfc3339(fractionDigits: 0)),
            "records": .integer(Int64(marked.records.count)),
            "unmarked": .integer(Int64(marked.unmarked.count)),
            "size": .integer(Int64(clamping: review.checkpoint.size)),
            "digest": .string(review.sample.prefixed),
        ]
    }
}
