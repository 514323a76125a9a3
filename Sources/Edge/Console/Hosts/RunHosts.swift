import InterlockEvidence
import InterlockLedger
import InterlockMarkup
import InterlockModel

/// The sessions of coding agents in one run, with the tools that each called.
struct RunHosts {
    static let anchor = Anchor("host-sessions")
    let found: HostSessionListing

    /// True if a step is an event of a hook, or a call that a hook asked about.
    static func areIn(_ steps: [RunStep]) -> Bool {
        steps.contains { $0.record.text("ses") != nil && $0.record.text("host") != nil }
    }

    @HTMLBuilder var content: [HTML] {
        if let fault = found.fault {
            notice(.bad) {
                "Sessions may be missing: "
                SafeText.text(fault)
            }
        }
        if found.isPartial {
            element(.p, .style(.hint)) { "Counts are of the newest records of the run." }
        }
        for session in found.sessions {
            element(.section) {
                element(.h3) {
                    session.program
                    " "
                    session.badge
                }
                facts(session)
                tools(session)
            }
        }
    }

    private func facts(_ session: HostSessionView) -> HTML {
        var facts = Facts()
        facts.add("Session") { HostLabels.name(session.name) }
        if let mode = session.mode { facts.add("Mode") { HostLabels.name(mode) } }
        facts.add("Last event") {
            SafeText.text(HostLabels.event(session.lastEvent))
            ", "
            Shape.time(session.last)
        }
        facts.add("Subagents") {
            if session.subagents.isEmpty { "none" }
            for subagent in session.subagents {
                element(.p) {
                    HostLabels.name(subagent.name)
                    if let kind = subagent.kind {
                        ", "
                        HostLabels.name(kind)
                    }
                }
            }
        }
        facts.add("Noticed") { session.warnings }
        return facts.html
    }

    private func tools(_ session: HostSessionView) -> HTML {
        Table(
            "Tools that session \(Shape.short(session.name)) called",
            [
                .name("Tool"), .number("Allowed"), .number("Approved"), .number("Denied"),
            ], session.tools
        ) { tool in
            [
                .name(tool.name), .text("\(tool.allowed)"), .text("\(tool.approved)"),
                .text("\(tool.denied)"),
            ]
        }.html(or: "It called no tool.")
    }
}
