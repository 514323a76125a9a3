package import InterlockAdministration
import InterlockModel

extension AgentListing: ResponseRecord {
    package static let form = ResponseSchema<AgentListing>(
        "AgentPage",
        .init("agents", .list(of: AgentSummary.self, 0...pageSize), "Of this page.") { $0.lines },
        .init("page", .whole(1...1_000_000), "Which this is.") { $0.page },
        .init("pages", .whole(1...1_000_000), "How many there are.") { $0.pages },
        .init("count", .count, "Agents on all of them.") { $0.count },
        .init("incomplete", .truth, "Whether refusals came that are not counted.") {
            $0.isIncomplete
        })
}

extension AgentSummary: ResponseRecord {
    package static let form = ResponseSchema<AgentSummary>(
        "AgentLine",
        .init("agent", .text(.plain(1...256)), "Its name.") { $0.name.text },
        .maybe("owner", .text(.plain(1...254)), "Who answers for it.") { $0.owner?.address },
        .init("tier", .choice(of: Tier.self), "Its risk.") { $0.tier.rawValue },
        .init("stage", .choice(of: TrustStage.self), "In effect.") { $0.stage.rawValue },
        .maybe("review_by", .text(.plain(10...10)), "A day.") { $0.reviewBy?.text },
        .init(
            "review", .choice(of: Review.self),
            "`overdue`: by more than 14 days, so that calls that do not only read are refused."
        ) { $0.review.rawValue },
        .init(
            "faults", .list(.text(.plain(1...32)), count: 0...1000),
            "Of its policy; any holds it at stage observe."
        ) { $0.faults },
        .maybe("halt", .text(.id), "The halt that stops it.") { $0.halt?.text },
        .init("held_runs", .count, "Slowed down or paused.") { $0.heldRuns },
        .init("in_flight", .count, "Calls.") { $0.callsInFlight },
        .init("calls", .count, "Let through, in the last hour.") { $0.lastHour.done },
        .init("refused", .count, "Calls, in the last hour.") { $0.lastHour.refused })
}
