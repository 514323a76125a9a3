import InterlockGateway

/// The last records of an agent's calls.
struct AgentHistory {
    let trail: AgentSheet.Trail

    @HTMLBuilder var content: [HTML] {
        switch trail {
        case .all(let entries): list(entries, "The last records of its calls, the newest first")
        case .refusals(let entries):
            element(.p, .style(.hint)) {
                "Its other records are for its owner and the role security."
            }
            list(entries, "The last calls that were refused, the newest first")
        case .unread(let reason):
            Notice(.bad) {
                "What it did cannot be looked up now: "
                Shown.text(reason)
            }.html
        }
    }

    @HTMLBuilder private func list(_ entries: [TrailEntry], _ caption: String) -> [HTML] {
        if entries.isEmpty {
            element(.p, .style(.empty)) { "Nothing is on record." }
        } else {
            table(entries, caption).html
        }
    }

    private func table(_ entries: [TrailEntry], _ caption: String) -> Table {
        var table = Table(
            caption: caption,
            columns: ["Record", "When", "What", "Tool", "Outcome", "Rule", "Call"])
        table.rows = entries.map { entry in
            [
                AgentLinks.record(entry.index), Shape.time(entry.at),
                .text(Self.words(entry.type) + (entry.count > 1 ? ", \(entry.count) times" : "")),
                Self.shown(entry.tool), Self.shown(entry.outcome),
                .group(
                    [Self.shown(entry.rule)]
                        + (entry.place.map { [.text(", ")] + Shown.text($0) } ?? [])),
                Self.shown(entry.call),
            ]
        }
        return table
    }

    private static func shown(_ text: String?) -> HTML {
        text.map { .group(Shown.text($0)) } ?? .text("–")
    }

    private static func words(_ type: String) -> String {
        switch type {
        case "call.intent": "permitted"
        case "call.denied": "refused"
        case "call.outcome": "ended"
        case "call.unknown": "end not known"
        default: "other"
        }
    }
}
