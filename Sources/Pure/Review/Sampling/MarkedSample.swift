package import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockTrust

/// A sample with the marks that reviewers gave its records so far.
package struct MarkedSample: Sendable {
    package let sample: ReviewSample
    /// The last mark of each record.
    package let marks: [Digest: MarkedRecord]

    /// More records than this, each marked in less than `hasty`, raise a warning.
    package static let mostHasty = 30
    package static let hasty = Duration.seconds(2)

    package init(_ sample: ReviewSample, marks: [Digest: MarkedRecord]) {
        self.sample = sample
        self.marks = marks
    }

    /// The records of a stratum that are to be read: those of the sample, and one spare for each that is marked as erased.
    /// The erased ones stay in the list.
    package func records(of stratum: StratumSample) -> [SampledRecord] {
        var records = stratum.records
        var missing = erased(in: records)
        for spare in stratum.spares where missing > 0 {
            records.append(spare)
            if !isErased(spare) { missing -= 1 }
        }
        return records
    }

    /// The records to read of all strata.
    package var records: [SampledRecord] { sample.strata.flatMap { records(of: $0) } }

    /// The records without a mark.
    package var unmarked: [SampledRecord] { records.filter { marks[$0.leaf] == nil } }

    private func isErased(_ record: SampledRecord) -> Bool {
        marks[record.leaf]?.judgement == .erased
    }

    private func erased(in records: [SampledRecord]) -> Int { records.count(where: isErased) }

    /// The marks of the records that were read, without erased ones.
    private func marks(of stratum: StratumSample) -> [MarkedRecord] {
        records(of: stratum).compactMap { marks[$0.leaf] }.filter { $0.judgement != .erased }
    }

    /// The finding rate that the marks of a stratum bound with one-sided 95 %, such as `0 in 59: at most 5 %`; `complete`
    /// if all records of the stratum were read. A mark `unclear` counts as a finding.
    package func bound(of stratum: StratumSample) -> String {
        let read = marks(of: stratum)
        let found = read.count(where: { $0.judgement != .ok })
        let text = "\(found) in \(read.count)"
        if read.count == stratum.population { return text + ": complete" }
        guard !read.isEmpty else { return text + ": no bound" }
        return text + ": at most " + Self.percent(Binomial.oneSidedBound(found, of: read.count))
    }

    /// The percentage, rounded up: whole from 1 % on, with two digits below.
    private static func percent(_ rate: Double) -> String {
        let hundredths = Int((rate * 10_000).rounded(.up))
        guard hundredths < 100 else { return "\(Int((rate * 100).rounded(.up))) %" }
        return "0.\(hundredths < 10 ? "0" : "")\(hundredths) %"
    }

    /// The warnings that a sign-off has to state.
    package var warnings: [String] {
        let hasty = records.compactMap { marks[$0.leaf] }
            .count(where: { $0.judgement != .erased && $0.dwell < Self.hasty })
        guard hasty > Self.mostHasty else { return [] }
        return ["\(hasty) records were marked in less than 2 s each"]
    }

    /// The document whose digest a sign-off states: the marks in the order of the sample.
    package var json: JSONValue {
        [
            "marks": .array(records.compactMap { marks[$0.leaf]?.json }), "type": "review-marks",
            "v": 1,
        ]
    }

    /// The SHA-256 of the canonical form of `json`.
    package func digest(_ hashing: some Hashing) throws(FormError) -> Digest {
        do { return hashing.sha256(try json.canonical()) } catch { throw .json(error) }
    }
}

extension MarkedRecord {
    fileprivate var json: JSONValue {
        var object: JSONObject = [
            "as": .string(judgement.word), "by": .string(by.text), "leaf": .string(leaf.base64),
            "marked": .integer(marked.microseconds), "opened": .integer(opened.microseconds),
        ]
        if case .finding(let severity) = judgement {
            object["severity"] = .integer(Int64(severity.rawValue))
        }
        if let note { object["note"] = note.json }
        return .object(object)
    }
}
