import InterlockCommandLine
package import InterlockJSON

/// The three questions over all agents, one line for each, the worst first (docs/specs/evidence.md, section 6). It is made
/// of the answers about each agent and of the readiness of the organisation.
package struct OrgScreen {
    private let rows: [Row]
    private let readiness: JSONValue
    private let exceptions: [JSONValue]

    /// - Parameters:
    ///   - answers: as `AgentScreen` takes them.
    ///   - exceptions: those that raise an agent's stage now.
    package init(_ answers: [JSONValue], readiness: JSONValue, exceptions: [JSONValue] = []) {
        rows = answers.map { Row($0) }.sorted { $0.rank < $1.rank }
        self.readiness = readiness
        self.exceptions = exceptions
    }

    /// The agents of which something could not be determined, and `readiness` if that of the organisation is not known.
    package var unknown: [String] {
        let agents = rows.filter { !$0.unknown.isEmpty }.map(\.name)
        return readiness["ready"] == nil ? agents + ["readiness"] : agents
    }

    package var json: JSONValue {
        [
            "agents": .array(rows.map(\.json)), "readiness": readiness,
            "exceptions": .array(exceptions),
            "unknown": .array(unknown.map(JSONValue.string)),
        ]
    }

    /// Lines without line ends.
    package var lines: [String] {
        let ready = rows.count(where: \.isReady)
        let doubtful = rows.count { !$0.unknown.isEmpty }
        let head = [
            "organisation  \(rows.count) agents, \(ready) ready, \(doubtful) with something unknown",
            "READY     " + ReadinessText(readiness).summary,
        ]
        let raised = exceptions.map { one in
            "EXCEPTION \(one.text("agent")) has \(one.text("to")) until \(one.text("expires")), without a promotion"
        }
        let agents = rows.isEmpty ? ["the policy has no agents"] : rows.map(\.line)
        return (head + raised + agents).map { TerminalEscaping.shown($0) }
    }

    /// One agent.
    private struct Row {
        /// The order of the lines: what is unknown, then what is not ready, then the higher tiers, then the names.
        struct Rank: Comparable {
            let isKnown: Bool
            let isReady: Bool
            let tier: Int
            let name: String

            static func < (a: Rank, b: Rank) -> Bool {
                if a.isKnown != b.isKnown { return !a.isKnown }
                if a.isReady != b.isReady { return !a.isReady }
                if a.tier != b.tier { return a.tier < b.tier }
                return a.name < b.name
            }
        }

        let name: String
        let unknown: [String]
        /// The reasons for which no call is permitted now.
        let stops: [String]
        let isReady: Bool
        private let status: JSONValue
        private let summary: String

        init(_ status: JSONValue) {
            self.status = status
            name = status["agent"]?.string ?? "unknown"
            let screen = AgentScreen(status)
            unknown = screen.unknown
            stops = screen.stops
            isReady = status["readiness"]?["ready"] == .bool(true)
            summary = ReadinessText(status["readiness"] ?? .null).summary
        }

        var rank: Rank {
            Rank(
                isKnown: unknown.isEmpty, isReady: isReady,
                tier: ["high", "medium", "low"].firstIndex(of: tier) ?? 0, name: name)
        }

        private var tier: String { word("tier") }
        private var tools: [JSONValue]? { status["tools"]?.array }
        private var reachable: [JSONValue] { (tools ?? []).filter(AgentScreen.isReachable) }
        private var gated: Int { reachable.count { AgentScreen.people($0) > 0 } }
        private var controls: Int? { status["enforced_by"]?.array?.count }

        private func word(_ key: String) -> String {
            status[key]?.string.flatMap { $0.isEmpty ? nil : $0 } ?? "unknown"
        }

        private func count(_ key: String) -> String {
            status["did"]?[key]?.integer.map(String.init) ?? "unknown"
        }

        var line: String {
            let may =
                tools == nil
                ? "unknown" : "\(reachable.count) tools, \(gated) with people"
            let now =
                stops.isEmpty ? "" : ", but no call now: \(stops.joined(separator: "; "))"
            let doubt = unknown.isEmpty ? "" : "; UNKNOWN " + unknown.joined(separator: ", ")
            return "\(name)  owner \(word("owner"))  tier \(tier)  stage \(word("stage"))"
                + "; may \(may)\(now); enforced by \(controls.map(String.init) ?? "unknown") controls"
                + "; did \(count("calls")) calls, \(count("denied")) denied, \(count("unknown")) unknown outcomes"
                + "; ready \(summary)\(doubt)"
        }

        var json: JSONValue {
            var object: JSONObject = [
                "agent": .string(name), "ready": .bool(isReady), "ready_text": .string(summary),
                "unknown": .array(unknown.map(JSONValue.string)),
                "stopped": .array(stops.map(JSONValue.string)),
            ]
            for key in ["owner", "purpose", "tier", "stage", "review_by"] {
                if let text = status[key]?.string, !text.isEmpty { object[key] = .string(text) }
            }
            if tools != nil {
                object["tools"] = .integer(Int64(reachable.count))
                object["with_people"] = .integer(Int64(gated))
            }
            if let controls { object["controls"] = .integer(Int64(controls)) }
            for key in ["since", "calls", "denied", "asked", "rejected", "uncounted"] {
                object[key] = status["did"]?[key]
            }
            object["unknown_outcomes"] = status["did"]?["unknown"]
            return .object(object)
        }
    }
}
