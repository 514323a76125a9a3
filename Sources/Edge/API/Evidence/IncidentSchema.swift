import InterlockAlerts
import InterlockModel
import InterlockSchemas

private let words = JSONSchemaType.text(.plain(0...65_536))
private let shortText = JSONSchemaType.text(.plain(1...256))

extension Incident: ResponseRecord {
    static let form = ResponseSchema<Incident>(
        "Incident",
        .init("id", .text(.id), "Its own.") { $0.id.text },
        .init("severity", .whole(1...3), "1 is the worst.") { $0.severity },
        .init("opened", .text(.time), "When.") { $0.opened },
        .maybe("alert", .text(.id), "From which it was opened.") { $0.alarm?.text },
        .maybe("agent", shortText, "That it is about.") { $0.agent?.text },
        .maybe("run", .text(.id), "That it is about.") { $0.run?.text },
        .maybe("trigger", .choice(of: IncidentTrigger.self), "Why the gateway opened it.") {
            $0.origin.trigger?.rawValue
        },
        .maybe("by", shortText, "The person who opened it, a pseudonym.") { $0.origin.by?.text },
        .maybe("reason", words, "In the words of that person.") { $0.origin.reason },
        .init(
            "actions", .list(of: IncidentAction.self, 0...Incident.mostActions),
            "What people did, the oldest first."
        ) { $0.actions },
        .maybe("closed", .text(.time), "When; it is open, if left out.") { $0.closed },
        .maybe("cause", .choice(of: IncidentCause.self), "What a person found at the end.") {
            $0.end?.cause?.rawValue
        },
        .maybe("closed_by", shortText, "The person who closed it, a pseudonym.") {
            $0.end?.by?.text
        },
        .maybe("closed_reason", words, "In the words of that person.") { $0.end?.reason })
}

extension IncidentAction: ResponseRecord {
    static let form = ResponseSchema<IncidentAction>(
        "IncidentAction",
        .init("at", .text(.time), "When.") { $0.at },
        .init("by", shortText, "A pseudonym.") { $0.by.text },
        .init("text", words, "What was done.") { $0.text },
        .maybe("case", shortText, "The eval case that was made from the incident.") {
            $0.evalCase
        })
}

extension IncidentOrigin {
    fileprivate var trigger: IncidentTrigger? {
        if case .gateway(let trigger) = self { trigger } else { nil }
    }

    fileprivate var by: Pseudonym? {
        if case .person(let by, _) = self { by } else { nil }
    }

    fileprivate var reason: String? {
        if case .person(_, let reason) = self { reason } else { nil }
    }
}
