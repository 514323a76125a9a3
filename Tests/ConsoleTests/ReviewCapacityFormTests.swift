import InterlockConsoleWorld
import InterlockEvidence
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockProvenance
import InterlockSchemas
import InterlockTesting
import Testing

@testable import InterlockAPI
@testable import InterlockChangeReview

/// The report of reviewers, as the API returns it.
@Suite(.requirement("R146")) struct `Form of the report of reviewers` {
    private static let start = Timestamp(microseconds: 1_795_169_731_000_000)

    private func report(_ pseudonym: String) throws -> ReviewCapacityReport {
        let person = Pseudonym(text: pseudonym)
        let id = try #require(ChangeID(repository: "acme/shop", number: "7"))
        let review = CheckedChange<Pseudonym>.Review(
            by: person, verdict: .approved, at: Self.start + Duration.seconds(60), began: nil,
            comments: nil)
        var changes = ReviewedChanges()
        changes.add(
            CheckedChange<Pseudonym>(
                id: id, state: .open, opened: Self.start, ended: nil, isAssisted: true,
                lines: 3000, words: 10, merger: person, reviews: [review], commits: [],
                reverted: []), at: Self.start)
        let end = Self.start + Duration.seconds(3600)
        let capacity = ReviewCapacity(
            changes, from: Self.start, to: end, limit: ReviewCapacity.defaultLimit)
        let record = try EvidenceShelf.record(
            13, .mergeChecked, ["verdict": "refused", "head": "4f1c", "gate": 2])
        let gate = try #require(GateChangeCheck(record, at: Self.start))
        return ReviewCapacityReport(
            from: Self.start, to: end, limit: ReviewCapacity.defaultLimit, isLimitStated: false,
            rows: capacity.rows.map { ReviewCapacityReport.Row(row: $0, person: nil) },
            unread: 0, unnamed: 1, gateChecks: [gate])
    }

    @Test func `it is of the form that the document states`() throws {
        let json = ReviewCapacityReport.form.json(try report("QLXTbNQ1YTnI03wFjLK7rw=="))
        try ReviewCapacityReport.form.shape.check(json)
        let row = try #require(json["reviewers"]?.array?.first)
        #expect(row["open"] == 1 && row["open_lines"] == 3000 && row["over_limit"] == true)
        #expect(row["queued"] == 1 && row["capped"] == false && row["person"] == nil)
        #expect(row["waiting_p50_s"] == 60 && row["dwell_per_100_lines_ms"] == 2000)
        #expect(row["by_hour"]?.array?.count == 24 && row["comments_unknown"] == 1)
        #expect(json["over"] == "warn" && json["limit_stated"] == false)
        #expect(json["gate_changes"]?.array?.first?["record"] == 13)
    }

    @Test func `a check that leaves the gate as it is has no place in it`() throws {
        let record = try EvidenceShelf.record(13, .mergeChecked, ["verdict": "pass", "gate": 0])
        #expect(GateChangeCheck(record, at: Self.start) == nil)
    }

    @Test func `nothing is said without the part of the gateway`() async {
        #expect(await Browser().call("/review-capacity").problem == "not_read")
        #expect(await Browser().call("/review-capacity?days=0").problem == "malformed")
    }
}
