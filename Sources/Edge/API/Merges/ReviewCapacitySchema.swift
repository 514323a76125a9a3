package import InterlockChangeReview
import InterlockJSON
import InterlockModel
import InterlockProvenance
package import InterlockSchemas

extension ReviewCapacityReport: ResponseRecord {
    package static let form = ResponseSchema<ReviewCapacityReport>(
        "ReviewCapacity",
        .init("from", .text(.time), "The begin of the period.") { $0.from },
        .init("to", .text(.time), "Its end.") { $0.to },
        .maybe("limit_changes", .count, "The most open changes by agents for each reviewer.") {
            $0.limit.changes
        },
        .maybe("limit_lines", .count, "The most changed lines of these.") { $0.limit.lines },
        .init("over", .choice(["warn", "refuse"]), "What a merge check does at the limit.") {
            $0.over
        },
        .init(
            "limit_stated", .truth,
            "False if the policy states no limit, and the usual one is only reported."
        ) { $0.isLimitStated },
        .init("unread", .count, "Checks whose change cannot be read, and is not counted.") {
            $0.unread
        },
        .init("unnamed", .count, "Checks that state no change, which is not counted either.") {
            $0.unnamed
        },
        .init(
            "gate_changes", .list(of: GateChangeCheck.self, 0...200),
            "The newest checks of changes of the gate itself, the oldest first; none for others "
                + "than the role `security`."
        ) { $0.gateChecks.suffix(200) },
        .init(
            "reviewers", .list(of: Row.self, 0...10_000),
            "By repository, then by pseudonym: in no order of merit."
        ) { $0.rows.prefix(10_000) })
}

extension ReviewCapacityReport.Row: ResponseRecord {
    package static let form = ResponseSchema<ReviewCapacityReport.Row>("ReviewerLoad", parts)

    private static let parts: [ResponseSchema<ReviewCapacityReport.Row>.Part] =
        names + amounts + times + approvals

    private static let names: [ResponseSchema<ReviewCapacityReport.Row>.Part] = [
        .init("repository", .text(.plain(1...200)), "Its name on the platform.") {
            $0.row.repository.text
        },
        .init("pseudonym", .text(.base64(16)), "Of the reviewer, as records name people.") {
            $0.row.person.text
        },
        .maybe("person", .text(.plain(1...128)), "Omitted for one who is not known here.") {
            $0.person?.address
        },
    ]

    private static let amounts: [ResponseSchema<ReviewCapacityReport.Row>.Part] = [
        .init("opened", .count, "Changes opened for the person to merge.") {
            $0.row.opened.changes
        },
        .init("opened_lines", .count, "Their changed lines.") { $0.row.opened.lines },
        .init("reviewed", .count, "Changes approved or asked to be changed.") {
            $0.row.reviewed.changes
        },
        .init("reviewed_lines", .count, "Their changed lines.") { $0.row.reviewed.lines },
        .init("merged", .count, "Changes that the person merged.") { $0.row.merged.changes },
        .init("merged_lines", .count, "Their changed lines.") { $0.row.merged.lines },
        .init("open", .count, "Changes that wait for the person to merge them.") {
            $0.row.open.changes
        },
        .init("open_lines", .count, "Their changed lines.") { $0.row.open.lines },
        .init("queued", .count, "Those of them that wait behind the limit.") { $0.row.queued },
        .init("reopened", .count, "Changes that were open again after their end.") {
            $0.row.reopened
        },
        .init("reverted", .count, "Merged changes that a later one reverted.") {
            $0.row.reverted
        },
    ]

    private static let times: [ResponseSchema<ReviewCapacityReport.Row>.Part] = [
        .maybe("waiting_p50_s", .count, "From the opening to the first decision, in seconds.") {
            $0.row.waiting.median?.wholeSeconds
        },
        .maybe("waiting_p90_s", .count, "The same for 9 of 10.") {
            $0.row.waiting.ninetieth?.wholeSeconds
        },
        .maybe("dwell_per_100_lines_ms", .count, "The median of the decisions that have one.") {
            $0.row.dwell.median.map { $0.microseconds / 1000 }
        },
        .init("dwell_known", .count, "The decisions that have one.") { $0.row.dwell.count },
        .init(
            "dwell_measured", .count,
            "Of these, those that the platform measured; the others are the most that it can be."
        ) { $0.row.measured },
        .init(
            "by_hour", .list(.count, count: 24...24), "Decisions by the hour of the day, in UTC."
        ) { $0.row.hours },
        .init("busiest_hour", .count, "The most decisions in one hour.") { $0.row.busiest },
    ]

    private static let approvals: [ResponseSchema<ReviewCapacityReport.Row>.Part] = [
        .init("approvals", .count, "The approvals.") { $0.row.approvals },
        .init("timed_approvals", .count, "Those whose time for reading is known.") {
            $0.row.timed
        },
        .init("hasty_approvals", .count, "Those in less time than reading takes.") {
            $0.row.hasty
        },
        .init("uncommented", .count, "Changes approved without a comment.") {
            $0.row.uncommented
        },
        .init("comments_unknown", .count, "Approved changes whose comments were not counted.") {
            $0.row.uncounted
        },
        .init("over_limit", .truth, "True if the person's open changes are over the limit.") {
            $0.row.isOverLimit
        },
        .init("capped", .truth, "True if 10 approved changes of a day count at most.") {
            $0.row.findings.contains(.capped)
        },
    ]
}

extension GateChangeCheck: ResponseRecord {
    package static let form = ResponseSchema<GateChangeCheck>(
        "GateChange",
        .init("record", .count, "The index of its record.") { $0.index },
        .init("at", .text(.time), "When it was recorded.") { $0.at },
        .init("head", .text(.plain(0...128)), "The head commit.") { $0.head },
        .init("verdict", .text(.plain(0...64)), "The answer.") { $0.verdict },
        .init("files", .count, "Changed files of the gate.") { $0.files })
}

extension Duration {
    fileprivate var wholeSeconds: Int64 { microseconds / 1_000_000 }
}
