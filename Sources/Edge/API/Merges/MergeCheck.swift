package import InterlockEvidence
import InterlockJSON
package import InterlockLedger
package import InterlockModel
package import InterlockProvenance
package import InterlockSchemas

/// One check of commits before a merge, as its record says (docs/specs/coding-agents.md, section 13).
package struct MergeCheck {
    /// Something that the check found.
    package struct Finding {
        package let code: String
        package let effect: String
        package let message: String
        /// The commit that it is about.
        package let commit: String
        package let file: String?
    }

    package static let type = RecordType.mergeChecked.rawValue

    package let record: VerifiedRecord
    /// The findings, or nil if they were not opened.
    package let findings: [Finding]?

    /// - Returns: nil for a record of another type.
    package init?(_ record: VerifiedRecord, findings: DisplayedPayload? = nil) {
        guard record.record.type == Self.type else { return nil }
        self.record = record
        self.findings = findings?.json?.array.map { $0.compactMap(Finding.init) }
    }

    /// - Returns: nil for a record of another type.
    package init?(_ evidence: RecordEvidence) {
        self.init(
            evidence.record, findings: evidence.payloads?.first { $0.field == "findings" })
    }

    package var at: Timestamp { record.record.time ?? Timestamp(microseconds: 0) }
    /// `pass`, `refused`, `unknown` or `pending`.
    package var verdict: String { record.record.text("verdict") ?? "unknown" }
    /// The verdict; `unknown` for one that this version does not know.
    package var result: GateResult { GateResult(rawValue: verdict) ?? .unknown }
    package var head: String { record.record.text("head") ?? "" }
    package var since: String { record.record.text("since") ?? "" }
    package var merger: Pseudonym? { record.record.text("by").flatMap { Pseudonym(written: $0) } }
    package var codes: [String] { record.record["codes"]?.array?.compactMap(\.string) ?? [] }

    /// The number in a field, or 0.
    package func count(_ field: String) -> Int64 { record.record[field]?.integer ?? 0 }
}

extension MergeCheck.Finding {
    fileprivate init?(_ value: JSONValue) {
        guard let code = value["code"]?.string, let message = value["message"]?.string else {
            return nil
        }
        self.init(
            code: code, effect: value["effect"]?.string ?? "", message: message,
            commit: value["at"]?.string ?? "", file: value["file"]?.string)
    }
}

extension MergeCheck: ResponseRecord {
    package static let form = ResponseSchema<MergeCheck>(
        "MergeCheck",
        .init("record", VerifiedRecord.form.shape, "Its record, proved just now.") { $0.record },
        .init("at", .text(.time), "When it was recorded.") { $0.at },
        .init("verdict", .text(.plain(1...64)), "The answer.") { $0.verdict },
        .init("head", .text(.plain(0...128)), "The head commit.") { $0.head },
        .init("since", .text(.plain(0...128)), "The commit that the range begins after.") {
            $0.since
        },
        .maybe("merger", .text(.base64(16)), "Who merges, as records name people.") {
            $0.merger?.text
        },
        .init("codes", .list(.text(.plain(0...128)), count: 0...64), "Of what was found.") {
            $0.codes
        },
        .maybe(
            "findings", .list(of: Finding.self, 0...200),
            "The first of them; omitted in lists, and if they cannot be read."
        ) { $0.findings })
}

extension MergeCheck.Finding: ResponseRecord {
    package static let form = ResponseSchema<MergeCheck.Finding>(
        "MergeFinding",
        .init("code", .text(.plain(0...128)), "Of the rule.") { $0.code },
        .init("effect", .text(.plain(0...128)), "On the answer.") { $0.effect },
        .init("message", .text(.plain(0...17_000)), "In words.") { $0.message },
        .init("commit", .text(.plain(0...17_000)), "That it is about.") { $0.commit },
        .maybe("file", .text(.plain(0...17_000)), "That it is about.") { $0.file })
}

/// One page of checks, newest first.
package struct MergeCheckListing {
    package let checks: [MergeCheck]
    package let finding: RecordFinding

    package init(_ finding: RecordFinding) {
        self.finding = finding
        checks = finding.rows.compactMap { row in
            if case .proved(let record) = row { MergeCheck(record) } else { nil }
        }
    }

    /// The number of records that the index names and the log does not confirm.
    package var unproved: Int {
        finding.rows.count { if case .unproved = $0 { true } else { false } }
    }

    /// The query of all checks. Their records name no agent, so only readers of all records find any.
    package static var query: RecordQuery {
        var query = RecordQuery()
        query.type = MergeCheck.type
        return query
    }
}

extension MergeCheckListing: ResponseRecord {
    package static let form = ResponseSchema<MergeCheckListing>(
        "MergeCheckPage",
        .init("checks", .list(of: MergeCheck.self, 0...100), "The newest first.") { $0.checks },
        .init(
            "unproved", .count, "Records that the index names and the log does not bear out."
        ) { $0.unproved },
        .maybe("next", .text(.plain(1...20)), "`before` of the next page, if there is one.") {
            $0.finding.next.map { String($0) }
        },
        .maybe("fault", .text(.plain(1...4096)), "Why checks may be missing.") {
            $0.finding.shortcoming
        })
}
