package import InterlockEvidence
import InterlockJSON
import InterlockModel
package import InterlockSchemas

extension HostSessionView: ResponseRecord {
    package static let form = ResponseSchema<HostSessionView>(
        "HostSession",
        .init("run", .text(.id), "The run that it belongs to.") { $0.run.text },
        .init("agent", .text(.plain(1...256)), "Whose run it is.") { $0.agent.text },
        .init("session", .text(.plain(1...128)), "As the host names it, or a digest of that.") {
            $0.name
        },
        .maybe("host", .text(.plain(1...64)), "The coding agent.") { $0.host },
        .maybe("version", .text(.plain(1...128)), "Of the host, as it says.") { $0.version },
        .maybe("mode", .text(.plain(1...128)), "Its permission mode, as it says.") { $0.mode },
        .init("health", .choice(of: Health.self), "Of its hooks; `unknown`: none came lately.") {
            $0.health.rawValue
        },
        .init("last", .text(.time), "When its newest event was recorded.") { $0.last },
        .init("event", .text(.plain(0...128)), "What that was.") { $0.lastEvent },
        .init("record", .count, "The index of the record of that event.") { $0.newest },
        .init("subagents", .list(of: Subagent.self, 0...mostParts), "That acted in it.") {
            $0.subagents
        },
        .init("tools", .list(of: Tool.self, 0...mostParts), "That it called, by verdict.") {
            $0.tools
        },
        .init("unmatched", .count, "Ends of calls that no intent began.") { $0.unmatched },
        .init(
            "findings", .list(of: Finding.self, 0...mostParts),
            "Records about the hooks themselves, by type."
        ) { $0.findings })
}

extension HostSessionView.Subagent: ResponseRecord {
    package static let form = ResponseSchema<HostSessionView.Subagent>(
        "HostSubagent",
        .init("name", .text(.plain(1...128)), "As the host names it.") { $0.name },
        .maybe("kind", .text(.plain(1...128)), "As the host says.") { $0.kind })
}

extension HostSessionView.Tool: ResponseRecord {
    package static let form = ResponseSchema<HostSessionView.Tool>(
        "HostTool",
        .init("tool", .text(.plain(1...256)), "`server.tool`.") { $0.name },
        .init("allowed", .count, "Calls.") { $0.allowed },
        .init("approved", .count, "Calls that needed people.") { $0.approved },
        .init("denied", .count, "Calls.") { $0.denied })
}

extension HostSessionView.Finding: ResponseRecord {
    package static let form = ResponseSchema<HostSessionView.Finding>(
        "HostFinding",
        .init("type", .text(.plain(1...128)), "Of the records.") { $0.type },
        .init("count", .count, "Of such records.") { $0.count })
}

extension HostSessionListing: ResponseRecord {
    package static let form = ResponseSchema<HostSessionListing>(
        "HostSessionPage",
        .init("sessions", .list(of: HostSessionView.self, 0...1000), "Newest event first.") {
            $0.sessions
        },
        .maybe("next", .text(.plain(1...20)), "`before` of the next page, if there is one.") {
            $0.next.map { String($0) }
        },
        .init("partial", .truth, "Whether counts are of the newest records of a run alone.") {
            $0.isPartial
        },
        .maybe("fault", .text(.plain(1...4096)), "Why sessions or events may be missing.") {
            $0.fault
        })
}
