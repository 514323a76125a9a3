import InterlockAPI
import InterlockEvidence
import InterlockMarkup
import InterlockModel

/// `/hosts`: the sessions of coding agents over all runs, the newest event first.
struct HostsPage {
    let form: HostsForm
    let found: HostSessionListing
    /// False if the viewer sees no agent, so that an empty list says nothing.
    var seesAgents = true

    private var isBlind: Bool { !seesAgents && found.sessions.isEmpty }

    var header: PageHeader {
        let status =
            if found.fault != nil {
                StatusBadge(.unknown, "Incomplete", from: "The index of the log.")
            } else if isBlind {
                StatusBadge(.unknown, "No access to sessions", from: "The roles of the reader.")
            } else {
                found.sessions.status
            }
        var header = PageHeader("Hosts", status)
        header.say { "Sessions of coding agents, and whether their hooks report" }
        if !isBlind {
            header.fact("Sessions") {
                "\(found.sessions.count)" + (found.next == nil ? "" : " shown")
            }
        }
        header.fact("Agent", text: form.query.agent)
        if let run = form.query.run { header.fact("Run") { Shape.short(run.text) } }
        return header
    }

    @HTMLBuilder var content: [HTML] {
        FilterForm(
            list: Link("hosts"), isEmpty: form.query.agent == nil && form.query.run == nil,
            values: [form.query.agent, form.query.run?.text]
        ) {
            FilterForm.text("Agent", "agent", Anchor("filter-agent"), form.query.agent)
            FilterForm.text("Run", "run", Anchor("filter-run"), form.query.run?.text)
        }.html
        if let fault = found.fault {
            notice(.bad) {
                "Sessions may be missing: "
                SafeText.text(fault)
            }
        }
        if !found.sessions.isEmpty {
            table.html
        } else if isBlind {
            EmptyList.html("Sessions are visible to owners of agents and to people with a role.")
        } else if form.query.agent != nil || form.query.run != nil {
            EmptyList.noMatch(Link("hosts"))
        } else {
            EmptyList.html(
                "No session of a coding agent is in the log. One begins with the first event of a hook."
            )
        }
        if form.before != nil || found.next != nil {
            element(.nav, .style(.pager), .text(.label, "Pages")) {
                if form.before != nil {
                    hyperlink(form.link()) { "Newest" }
                }
                if let next = found.next { hyperlink(form.link(before: next)) { "Older" } }
            }
        }
    }

    private var table: Table {
        Table(
            "Sessions, the newest event first",
            [
                .id("Run"), .name("Agent"), .text("Host"), .id("Session", .second),
                .text("Mode", .third), .number("Subagents", .third),
                .time("Last event"), .text("Noticed", .second), .state("Hooks"),
            ], found.sessions, isLinked: true
        ) { session in
            [
                Shape.run(session.run), .name(session.agent.text), .group(session.program),
                Shape.id(session.name), session.mode.map(HostLabels.name) ?? .text("–"),
                .text("\(session.subagents.count)"), Shape.time(session.last),
                .group(session.warnings), session.badge,
            ]
        }
    }
}
