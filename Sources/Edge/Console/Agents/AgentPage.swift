import InterlockAdministration
import InterlockApprovals
import InterlockChangeGate
import InterlockMarkup
import InterlockModel
import InterlockPolicy
import InterlockSandboxes
import InterlockTrust
import InterlockTrustQueries

/// `/agents/NAME`: the agent's permissions, their enforcement, and its activity.
struct AgentPage {
    /// The page numbers of its long tables, from 1.
    struct Slots {
        var tools = 1
        var worst = 1
    }

    let detail: AgentDetail
    /// Its pending approval requests that are visible to the viewer, the nearest deadline first.
    let waiting: [ApprovalRequest]
    var places = Slots()
    /// The forms for orders about the agent: halt, elevation. They are outside the parts that refresh themselves, so
    /// that input is not lost.
    var orders: [HTML] = []
    /// The steps of the header, which lead to these forms.
    var actions: [HeaderAction] = []
    /// The address of its sessions of coding agents; nil if this console does not know of any.
    var hosts: Link?
    /// Its sandboxed runs that are under way; nil if this console does not know of any.
    var sandboxes: [SandboxStatus]?
    /// The verdict of the change gate; nil for a console without one.
    var evals: AgentEvalDetail?
    /// The trust that it has earned; nil for a console that does not know of it.
    var trust: AgentTrustDetail?
    /// The answer to whether it may be given more; nil for a console that does not know of it.
    var readiness: Readiness?
    /// The promotions of it that wait for signatures; nil for a console that has none.
    var proposals: AgentProposals?

    private var line: AgentSummary { detail.line }

    @HTMLBuilder var content: [HTML] {
        AgentTiles(detail: detail).html
        liveCard(Anchor("agent-state"), "Details") { state }
        liveCard(AgentTiles.rights, "Permissions") {
            AgentRights(detail: detail, page: places.tools, address: address).content
        }
        liveCard(Anchor("agent-worst"), "Worst case") {
            AgentWorstCase(reach: detail.worstCase, page: places.worst, address: address).content
        }
        liveCard(Anchor("agent-limits"), "Limits") { AgentLimits(detail: detail).content }
        liveCard(AgentTiles.controls, "Enforcement") {
            AgentControls(detail: detail).content
        }
        if let trust {
            liveCard(AgentTrust.anchor, "Trust") { AgentTrust(detail: trust).content }
        }
        if let readiness {
            liveCard(AgentReadiness.anchor, "Ready") {
                AgentReadiness(readiness: readiness).content
            }
        }
        if let proposals {
            liveCard(AgentProposals.anchor, "Promotions") { proposals.content }
        }
        if let evals {
            liveCard(AgentEvals.anchor, "Evals") { AgentEvals(detail: evals).content }
        }
        liveCard(AgentTiles.activity, "Activity") {
            AgentActivity(detail: detail, waiting: waiting).content
        }
        if let sandboxes {
            liveCard(AgentSandboxes.anchor, "Sandboxes") { AgentSandboxes(running: sandboxes).html }
        }
        if let hosts {
            // A link alone: this page loads its parts anew, and each look at the log is recorded.
            card("Coding-agent sessions", .part) {
                hyperlink(hosts) { "Show sessions and their hooks" }
            }
        }
        liveCard(AgentTokens.anchor, "Tokens") { AgentTokens(detail: detail).content }
        liveCard(Anchor("agent-did"), "History") {
            AgentHistory(detail: detail).content
        }
        if !orders.isEmpty {
            element(.div, .style(.actions), .id(Console.orders)) { orders }
        }
    }

    @HTMLBuilder private var state: [HTML] {
        for fault in line.faults {
            notice(.warning) { "Its policy has the fault \(fault): it is held at stage observe." }
        }
        facts
    }

    private var facts: HTML {
        var facts = Facts()
        facts.add("Purpose", text: detail.purpose)
        if detail.terms.quotaPercent < 100 {
            facts.add("Limits") { "\(detail.terms.quotaPercent) % of those in the policy file" }
        }
        facts.add("Workload identity", own: detail.workload)
        facts.add("Defined in", text: detail.place.description)
        facts.add("Policy") { element(.code) { detail.policy.prefixed } }
        return facts.html
    }

    private func address(_ places: (inout Slots) -> Void) -> Link {
        var other = self.places
        places(&other)
        return Link(
            "agents", line.name.text,
            query: [
                ("tools", other.tools > 1 ? String(other.tools) : nil),
                ("worst", other.worst > 1 ? String(other.worst) : nil),
            ])
    }
}

/// The table of controls with their points of enforcement; "guidance" marks a control that nothing enforces.
struct AgentControls {
    let detail: AgentDetail

    @HTMLBuilder var content: [HTML] {
        table.html
        if detail.guidance.isEmpty {
            element(.p) { "All rules enforced" }
        }
    }

    private var table: Table {
        var table = Table(
            "Controls, and the point that enforces each", [.text("Control"), .text("Enforced by")],
            detail.controls
        ) { [.text($0.control), .text($0.point)] }
        table.rows += detail.guidance.map { part in
            [
                .safe(part),
                .group([badge("guidance", .warning), .text(" enforced by interlock run alone")]),
            ]
        }
        return table
    }
}
