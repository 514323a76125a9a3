import InterlockAdministration
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts

extension RunSummary {
    private static let count: ClosedRange<Int64> = 0...JSONValue.largestInteger

    static let form = ResponseSchema<RunSummary>(
        "RunLine",
        [
            .init("run", .text(.id), "The run.") { .string($0.run.text) },
            .init("agent", .text(.plain(1...256)), "Whose it is.") { .string($0.agent.text) },
            .maybe("owner", .text(.plain(1...254)), "Who answers for the agent.") {
                $0.owner.map { .string($0.address) }
            },
            .maybe("purpose", .text(.plain(0...4096)), "What it is for.") {
                $0.purpose.map(JSONValue.string)
            },
            .maybe("subject", .text(.base64(16)), "On whose behalf, as records name people.") {
                $0.subject.map { .string($0.text) }
            },
            .init("since", .text(.time), "When it began.") { .time($0.since) },
            .maybe("calls", .whole(count), "By the index; left out while it cannot say.") {
                $0.tally.map { .integer(Int64($0.calls)) }
            },
            .maybe("denials", .whole(count), "Of these, refused.") {
                $0.tally.map { .integer(Int64($0.denials)) }
            },
            .init("in_flight", .whole(count), "Calls between intent and outcome.") {
                .integer(Int64($0.inFlight))
            },
            .init("state", .choice(["open", "halted", "ended"]), "Where it is.") {
                switch $0.state {
                case .open: "open"
                case .halted: "halted"
                case .ended: "ended"
                }
            },
            .maybe("halt", .text(.id), "The halt that stops it.") {
                if case .halted(let order) = $0.state { .string(order.text) } else { nil }
            },
        ])
}

extension RunListing {
    static let form = ResponseSchema<RunListing>(
        "RunPage",
        [
            .init("runs", .list(RunSummary.form.shape, count: 0...100), "The newest first.") {
                .array($0.runs.map(RunSummary.form.json))
            },
            .init(
                "unproved", .list(.whole(0...JSONValue.largestInteger), count: 0...100),
                "First records that the index names and the log does not bear out."
            ) { .array($0.unproved.map { .integer(Int64(clamping: $0)) }) },
            .maybe("next", .text(.plain(1...64)), "`before` of the next page, if there is one.") {
                $0.next.map(JSONValue.string)
            },
            .maybe("fault", .text(.plain(1...4096)), "Why the index is not used.") {
                $0.fault.map(JSONValue.string)
            },
        ])
}

extension RunStep {
    /// - Parameter reads: whether the leaf is for the reader too.
    static func form(reads: Bool) -> ResponseSchema<RunStep> {
        ResponseSchema(
            "RunStep",
            [
                .init("index", .whole(0...JSONValue.largestInteger), "Of the record.") {
                    .integer(Int64(clamping: $0.index))
                },
                .init("at", .text(.time), "When.") {
                    .time($0.record.time ?? Timestamp(microseconds: 0))
                },
                .init("type", .text(.plain(1...128)), "Of the record.") {
                    .string($0.record.type)
                },
                .init("words", .list(.text(.plain(0...512)), count: 0...8), "What happened.") {
                    .array($0.words.map(JSONValue.string))
                },
                .maybe("place", .text(.plain(1...512)), "Of the rule: file, line and column.") {
                    $0.record.text("at").map(JSONValue.string)
                },
                .maybe("leaf", .object, "The record; left out for whoever may not read it.") {
                    reads ? .object($0.record.object) : nil
                },
                .maybe(
                    "content", DisplayedPayload.form.shape,
                    "What was asked, sent or got; left out for whoever may not read it."
                ) { $0.content.map(DisplayedPayload.form.json) },
            ])
    }
}

extension RunDetail {
    static let form = ResponseSchema<RunDetail>(
        "RunStory",
        [
            .init("run", RunSummary.form.shape, "The run.") { RunSummary.form.json($0.line) },
            .init(
                "steps", .list(RunStep.form(reads: true).shape, count: 0...100), "In their order."
            ) { story in .array(story.steps.steps.map(RunStep.form(reads: story.reads).json)) },
            .init(
                "faults", .list(.text(.plain(1...512)), count: 0...1000),
                "Holes and breaks in the chain of its records."
            ) { .array($0.steps.faults.map(JSONValue.string)) },
            .maybe("next", .whole(0...1_000_000), "`from` of the next page, if there is one.") {
                $0.steps.next.map { .integer(Int64($0)) }
            },
        ])
}

extension ReplayReport {
    static let form = ResponseSchema<ReplayReport>(
        "ReplayReport",
        [
            .init("level", .choice(ReplayLevel.allCases.map(\.rawValue)), "What was done.") {
                switch $0 {
                case .timeline: .string(ReplayLevel.timeline.rawValue)
                case .decisions: .string(ReplayLevel.decisions.rawValue)
                }
            },
            .maybe(
                "steps", .list(RunStep.form(reads: true).shape, count: 0...20_000), "Of R0."
            ) {
                guard case .timeline(let steps) = $0 else { return nil }
                return .array(steps.map(RunStep.form(reads: true).json))
            },
            .maybe(
                "decisions", .list(.object, count: 0...60_000),
                "Of R1, as `interlock audit replay --json` has them."
            ) {
                guard case .decisions(let report) = $0 else { return nil }
                return .array(report.decisions.map(\.json))
            },
            .maybe("sums", .object, "Of R1, likewise.") {
                guard case .decisions(let report) = $0 else { return nil }
                return report.json
            },
        ])
}
