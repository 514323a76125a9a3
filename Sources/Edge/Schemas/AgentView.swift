package import InterlockAdministration
import InterlockApprovals
import InterlockJSON
import InterlockMarkup
package import InterlockModel
import InterlockPolicy
package import InterlockPolicyReview

/// One agent as the API tells it: what its page shows.
package struct AgentView: Sendable, ResponseRecord {
    package let detail: AgentDetail
    /// Requests of it that the viewer sees, the nearest end first.
    package let waiting: [ApprovalID]

    package init(detail: AgentDetail, waiting: [ApprovalID]) {
        self.detail = detail
        self.waiting = waiting
    }

    package static let form = ResponseSchema<AgentView>(
        "Agent",
        .init("at", .text(.time), "When this was so.") { $0.detail.at },
        .init("line", AgentSummary.form.shape, "As in the list.") { $0.detail.line },
        .init("written_stage", .choice(of: TrustStage.self), "Of the file.") {
            $0.detail.terms.written.rawValue
        },
        .init("quota_percent", .whole(1...100), "Of each stated limit, by its trust.") {
            $0.detail.terms.quotaPercent
        },
        .init("autonomy", .whole(0...3), "Its stage by the trust record, under the policy's.") {
            $0.detail.terms.autonomy?.number ?? 0
        },
        .maybe("purpose", .text(.passage), "What it is for.") { $0.detail.purpose },
        .init("place", .text(.passage), "Where the policy describes it.") {
            $0.detail.place.description
        },
        .init("workload", .text(.passage), "What its credentials are tied to.") {
            $0.detail.workload
        },
        .init("policy", .text(.digest), "In force.") { $0.detail.policy.prefixed },
        .init("rights", .list(of: AccessRightView.self, 0...100_000), "What it is shown.") {
            $0.detail.rights.map { AccessRightView.form.json(AccessRightView(right: $0, use: $1)) }
        },
        .init("counted_since", .text(.time), "Uses are counted from then on.") {
            $0.detail.countedSince
        },
        .init("incomplete", .truth, "Whether uses came that are not counted.") {
            $0.detail.isIncomplete
        },
        .maybe("worst_case", .object, "As `interlock policy worst-case --json`.") {
            $0.detail.worstCase?.json
        },
        .init("limits", .list(of: LimitUsage.self, 0...100_000), "Of the policy.") {
            $0.detail.limits
        },
        .init(
            "enforced_by", .list(of: ControlPoint.self, 0...100),
            "Each control, and what enforces it."
        ) { $0.detail.controls },
        .init(
            "guidance", .list(.text(.passage), count: 0...10_000),
            "Parts of the policy that nothing here enforces."
        ) { $0.detail.guidance },
        .init("held_runs", .list(of: RunHold.self, 0...100_000), "By breakers or people.") {
            $0.detail.holds
        },
        .init("breakers", .list(of: OpenBreaker.self, 0...100_000), "Of its servers.") {
            $0.detail.breakers
        },
        .init("runs", .list(of: RunStatus.self, 0...1000), "Open, the newest first.") {
            $0.detail.runs
        },
        .init("tokens", .list(of: AgentTokenTerm.self, 0...1000), "Runs that a token counts for.") {
            $0.detail.tokens
        },
        .init("elevations", .list(of: OpenElevation.self, 0...100_000), "Waiting or granted.") {
            $0.detail.elevations
        },
        .init(
            "waiting", .list(.text(.approval), count: 0...1_000_000),
            "Its pending requests that this person may see."
        ) { $0.waiting.map(\.shown) },
        .init(
            "records", .choice(["all", "refusals"]),
            "Which of its records this person may read, by `searchRecords`."
        ) { $0.detail.reads ? "all" : "refusals" })
}

extension AgentTokenTerm: ResponseRecord {
    package static let form = ResponseSchema<AgentTokenTerm>(
        "AgentTokenTerm",
        .init("run", .text(.id), "The run.") { $0.run.text },
        .init("until", .text(.time), "The latest time at which a token of it may end.") {
            $0.until
        })
}

/// An agent's right to call one tool, and its use of that right.
package struct AccessRightView: Sendable, ResponseRecord {
    package let right: AgentRight
    package let use: AgentUse

    package init(right: AgentRight, use: AgentUse) {
        self.right = right
        self.use = use
    }

    package static let form = ResponseSchema<AccessRightView>(
        "AgentRight",
        .init("tool", .text(.passage), "As `server.tool`.") { $0.right.address.description },
        .init("verdict", .text(.plain(1...32)), "The easiest that a call can receive.") {
            $0.right.verdict.description
        },
        .init(
            "verdicts", .list(.text(.plain(1...32)), count: 0...16),
            "All that calls can receive, the easiest first; empty: every call is denied."
        ) { $0.right.verdicts.map(\.description) },
        .maybe(
            "outcome", .text(.passage),
            "The verdicts with conditions; absent: not worked out in time."
        ) { $0.right.outcome?.sentence },
        .maybe("reason", .text(.passage), "A code; absent: not worked out in time.") {
            $0.right.easiest?.reason.rawValue
        },
        .maybe("rule", .text(.passage), "Which gives the easiest verdict.") {
            $0.right.easiest?.rule
        },
        .maybe("place", .text(.passage), "Where it is defined.") {
            $0.right.easiest?.place?.description
        },
        .maybe("class", .choice(of: ToolClass.self), "Of the tool.") {
            $0.right.toolClass?.rawValue
        },
        .init("effects", .list(.text(.passage), count: 0...100), "Of every call, and of some.") {
            $0.right.effects.map(\.name)
        },
        .maybe("group", .text(.passage), "Who approves.") { $0.right.group },
        .init(
            "guards", .list(.text(.passage), count: 0...100_000),
            "Any of them grants; empty: none is asked."
        ) { $0.right.guards },
        .init(
            "cases", .list(of: ToolCase.self, 0...100_000),
            "Each verdict with its conditions, denials included."
        ) { $0.right.cases },
        .init("used", .choice(["used", "earlier", "refused", "unused"]), "How far.") {
            $0.use.kind.rawValue
        },
        .init("calls", .count, "Let through, since `counted_since`.") { $0.use.calls },
        .init("refused", .count, "Since `counted_since`.") { $0.use.refused })
}

extension ToolCase: ResponseRecord {
    package static let form = ResponseSchema<ToolCase>(
        "ToolCase",
        .init("verdict", .text(.plain(1...32)), "Of these calls.") { $0.verdict.description },
        .init("reason", .text(.passage), "A code.") { $0.reason.rawValue },
        .init("rule", .text(.passage), "Which decides.") { $0.rule },
        .maybe("place", .text(.passage), "Where it is defined.") { $0.place?.description },
        .init(
            "if", .list(of: ToolCase.Condition.self, 0...100_000),
            "Any of these leads here; empty: no such rule is needed."
        ) { $0.conditions })
}

extension ToolCase.Condition: ResponseRecord {
    package static let form = ResponseSchema<ToolCase.Condition>(
        "ToolCondition",
        .init("rule", .text(.passage), "Its id.") { $0.rule },
        .maybe("when", .text(.passage), "The guard; it leads here unless it is false.") { $0.when })
}

extension LimitUsage: ResponseRecord {
    package static let form = ResponseSchema<LimitUsage>(
        "LimitStanding",
        .init("limit", .text(.passage), "What is counted.") { $0.use.key },
        .init("seconds", .count, "Of the window.") { $0.use.seconds },
        .maybe("taken", .count, "In the window that now ends; absent: not counted yet.") {
            $0.isCounted ? $0.taken : nil
        },
        .init("most", .count, "At the agent's trust stage.") { $0.most },
        .init("stated", .count, "The limit that the policy states.") { $0.use.stated },
        .maybe(
            "amounts", LimitUsage.Amounts.form.shape,
            "The amounts in the unit of the summed argument."
        ) { $0.amounts })
}

extension LimitUsage.Amounts: ResponseRecord {
    package static let form = ResponseSchema<LimitUsage.Amounts>(
        "LimitAmounts",
        .init("unit", .text(.passage), "The unit of the summed argument.") { $0.unit },
        .maybe("taken", .text(.plain(1...512)), "With U+202F between thousands.") { $0.taken },
        .maybe("most", .text(.plain(1...512)), "At the agent's trust stage.") { $0.most },
        .maybe("stated", .text(.plain(1...512)), "The limit that the policy states.") {
            $0.stated
        },
        .maybe(
            "left", .text(.plain(1...512)), "The amount that is left in the window that ends now."
        ) { $0.left })
}

extension ControlPoint: ResponseRecord {
    package static let form = ResponseSchema<ControlPoint>(
        "ControlPoint",
        .init("control", .text(.passage), "What is held.") { $0.control },
        .init("at", .text(.passage), "What enforces it.") { $0.point })
}

extension RunHold: ResponseRecord {
    package static let form = ResponseSchema<RunHold>(
        "RunHold",
        .init("run", .text(.id), "The run.") { $0.run.text },
        .init("state", .choice(["throttled", "paused"]), "How it is held back.") { $0.state },
        .init("reason", .text(.passage), "A signal, or `person`.") { $0.reason },
        .maybe("until", .text(.time), "Where it ends by itself.") { $0.until })
}

extension OpenBreaker: ResponseRecord {
    package static let form = ResponseSchema<OpenBreaker>(
        "OpenBreaker",
        .init("server", .text(.plain(1...32)), "Whose.") { $0.server.text },
        .maybe("tool", .text(.passage), "Absent: of the server as a whole.") { $0.tool?.tool.text },
        .init("state", .choice(["open", "half-open"]), "Half-open: one call at a time tries.") {
            $0.state.text
        },
        .maybe("until", .text(.time), "Of an open one.") {
            row -> Timestamp? in
            if case .open(let until) = row.state { until } else { nil }
        })
}

extension OpenElevation: ResponseRecord {
    package static let form = ResponseSchema<OpenElevation>(
        "OpenElevation",
        .init("id", .text(.id), "The elevation.") { $0.request.id.text },
        .init("state", .choice(["requested", "granted", "denied", "ended"]), "Of it.") {
            $0.request.state.rawValue
        },
        .init("in_force", .truth, "Whether it grants now.") { $0.isLive },
        .init("grant", .object, "By server, as the policy writes it.") { $0.request.order.grants },
        .init("from", .text(.time), "Its window.") { $0.request.order.from },
        .init("until", .text(.time), "Its window.") { $0.request.order.until },
        .init("reason", .text(.passage), "By who asked.") { $0.request.order.reason },
        .init("ticket", .text(.passage), "By who asked.") { $0.request.order.ticket },
        .init("author", .text(.plain(1...254)), "Who asked.") {
            $0.request.proposal.author.address
        },
        .init("have", .count, "People who approved.") { $0.request.approvals.count },
        .maybe("need", .count, "Absent where the policy has no room for it.") { $0.need })
}
