import InterlockAdministration
package import InterlockEvidence
import InterlockGovernor
import InterlockJSON
package import InterlockLedger
import InterlockModel
import InterlockPorts

extension RunSummary: ResponseRecord {
    package static let form = ResponseSchema<RunSummary>(
        "RunLine",
        .init("run", .text(.id), "The run.") { $0.run.text },
        .init("agent", .text(.plain(1...256)), "Whose it is.") { $0.agent.text },
        .maybe("owner", .text(.plain(1...254)), "Who answers for the agent.") { $0.owner?.address },
        .maybe("purpose", .text(.plain(0...4096)), "What it is for.") { $0.purpose },
        .maybe("subject", .text(.base64(16)), "On whose behalf, as records name people.") {
            $0.subject?.text
        },
        .init("since", .text(.time), "When it began.") { $0.since },
        .maybe("calls", .count, "By the index; left out while it cannot say.") { $0.tally?.calls },
        .maybe("denials", .count, "Of these, refused.") { $0.tally?.denials },
        .init("in_flight", .count, "Calls between intent and outcome.") { $0.inFlight },
        .maybe("waits", .count, "Calls that wait for people; left out once it has ended.") {
            $0.activity?.waits
        },
        .maybe(
            "host", .text(.plain(1...64)),
            "The address of its client, or `local`; left out if it was not used since the start."
        ) { $0.activity?.host },
        .maybe(
            "pid", .whole(1...4_194_304), "The client's process, where it is one of this machine."
        ) { $0.activity?.pid.map { Int($0) } },
        .maybe(
            "sessions", .list(.text(.plain(1...16)), count: 0...32),
            "Its open sessions, as records name them."
        ) { $0.activity?.sessions },
        .init("state", .choice(["open", "halted", "ended"]), "Where it is.") {
            switch $0.state {
            case .open: "open"
            case .halted: "halted"
            case .ended: "ended"
            }
        },
        .maybe("halt", .text(.id), "The halt that stops it.") {
            run -> String? in
            if case .halted(let order) = run.state { order.text } else { nil }
        })
}

extension RunListing: ResponseRecord {
    package static let form = ResponseSchema<RunListing>(
        "RunPage",
        .init("runs", .list(of: RunSummary.self, 0...100), "The newest first.") { $0.runs },
        .init(
            "unproved", .list(.count, count: 0...100),
            "First records that the index names and the log does not bear out."
        ) { $0.unproved },
        .maybe("next", .text(.plain(1...64)), "`before` of the next page, if there is one.") {
            $0.next
        },
        .maybe("fault", .text(.plain(1...4096)), "Why the index is not used.") { $0.fault })
}

extension RunStep {
    /// - Parameter reads: whether the leaf is for the reader too.
    package static func form(reads: Bool) -> ResponseSchema<RunStep> {
        ResponseSchema(
            "RunStep",
            .init("index", .count, "Of the record.") { $0.index },
            .init("at", .text(.time), "When.") { $0.record.time ?? Timestamp(microseconds: 0) },
            .init("type", .text(.plain(1...128)), "Of the record.") { $0.record.type },
            .init("words", .list(.text(.plain(0...512)), count: 0...8), "What happened.") {
                $0.words
            },
            .maybe(
                "proved", .whole(1...JSONValue.largestInteger),
                "The size of the signed checkpoint that the record was proved against."
            ) { $0.proof?.size },
            .maybe("place", .text(.plain(1...512)), "Of the rule: file, line and column.") {
                $0.record.text("at")
            },
            .maybe("leaf", .object, "The record; omitted for people who may not read it.") {
                reads ? $0.record.object : nil
            },
            .maybe(
                "content", DisplayedPayload.form.shape,
                "The request, what was sent, or the result; omitted for people who may not read it."
            ) { $0.content })
    }
}

extension RunDetail: ResponseRecord {
    package static let form = ResponseSchema<RunDetail>(
        "RunStory",
        .init("run", RunSummary.form.shape, "The run.") { $0.line },
        .init(
            "steps", .list(RunStep.form(reads: true).shape, count: 0...100), "In their order."
        ) { story in story.steps.steps.map(RunStep.form(reads: story.reads).json) },
        .init(
            "faults", .list(.text(.plain(1...512)), count: 0...1000),
            "Holes and breaks in the chain of its records."
        ) { $0.steps.faults },
        .maybe("next", .whole(0...1_000_000), "`from` of the next page, if there is one.") {
            $0.steps.next
        })
}

extension ReplayReport: ResponseRecord {
    package static let form = ResponseSchema<ReplayReport>(
        "ReplayReport",
        .init("level", .choice(of: ReplayLevel.self), "What was done.") {
            switch $0 {
            case .timeline: ReplayLevel.timeline.rawValue
            case .decisions: ReplayLevel.decisions.rawValue
            }
        },
        .maybe("steps", .list(RunStep.form(reads: true).shape, count: 0...20_000), "Of R0.") {
            report -> [JSONValue]? in
            guard case .timeline(let steps) = report else { return nil }
            return steps.map(RunStep.form(reads: true).json)
        },
        .maybe(
            "decisions", .list(.object, count: 0...60_000),
            "Of R1, as `interlock audit replay --json` has them."
        ) { $0.decided?.decisions.map(\.json) },
        .maybe("sums", .object, "Of R1, likewise.") { $0.decided?.json })

    private var decided: DecisionsReport? {
        if case .decisions(let report) = self { report } else { nil }
    }
}
