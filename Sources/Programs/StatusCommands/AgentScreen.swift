import InterlockCommandLine
package import InterlockJSON

/// The three questions about one agent on one screen (docs/specs/evidence.md, section 6), from the answer of the gateway
/// with the activity as `did` and the readiness as `readiness`. What the answer lacks is printed as `unknown`.
package struct AgentScreen {
    private let status: JSONValue
    private let did: JSONValue
    private let showsSources: Bool

    package init(_ status: JSONValue, showsSources: Bool = false) {
        self.status = status
        did = status["did"] ?? .null
        self.showsSources = showsSources
    }

    /// The names of what could not be determined.
    package var unknown: [String] {
        var names: [String] = []
        for key in ["owner", "purpose", "tier", "stage"] where text(key) == nil {
            names.append(key)
        }
        if tools.contains(where: { $0["outcome"]?.string == nil }) || status["tools"] == nil {
            names.append("tools")
        }
        if did["counted"] != .bool(true) { names.append("activity") }
        if !(did["reconstruct"]?["unproved"]?.array ?? [.null]).isEmpty { names.append("records") }
        if status["readiness"]?["ready"] == nil { names.append("readiness") }
        return names
    }

    /// The reasons for which no call of the agent is permitted now, whatever the policy lets its tools do. A stage at which
    /// the policy permits none is not among them: its tools show it.
    package var stops: [String] {
        var reasons: [String] = []
        if let halt = status["halted"]?.string { reasons.append("halted by \(halt)") }
        let gate = status["gate"]
        if let fact = gate?["gate"]?.string, fact != "passed", text("stage") != "observe",
            gate?["waits_until"]?.string == nil
        {
            let next = gate?["next"]?.string.map { " (run `\($0)`)" } ?? ""
            reasons.append("eval-\(fact)\(next)")
        }
        return reasons
    }

    /// Lines without line ends.
    package var lines: [String] {
        let isStopped = !stops.isEmpty
        var lines = [
            "\(word("agent"))  owner \(word("owner"))  purpose \"\(word("purpose"))\"  tier \(word("tier"))  "
                + "stage \(word("stage"))  review due \(word("review_by"))"
        ]
        if isStopped {
            lines.append(
                row(
                    "ALLOWED", "now",
                    "no call is permitted: \(stops.joined(separator: "; ")); otherwise:"))
        }
        lines += [
            row(
                isStopped ? "" : "ALLOWED", "sees",
                listed(tools.filter { Self.isRead($0) && Self.isReachable($0) })),
            row("", "does", listed(tools.filter { !Self.isRead($0) && Self.isReachable($0) })),
            row("", "human", humans), row("", "worst", worst),
            row("ENFORCED", "", enforced),
            row("DID", "", activity), row("", "", reconstruction),
            row("READY", "", ReadinessText(status["readiness"] ?? .null).summary),
        ]
        if !unknown.isEmpty { lines.append(row("UNKNOWN", "", unknown.joined(separator: ", "))) }
        if showsSources { lines += sources }
        return lines.map { TerminalEscaping.shown($0) }
    }

    /// The tools that do more than read, as records name them.
    package var writes: [String] {
        tools.filter { !Self.isRead($0) }.compactMap { tool in
            guard let parts = tool["tool"]?.string.map({ $0.split(separator: ".", maxSplits: 1) }),
                parts.count == 2
            else { return nil }
            return "\(parts[0])__\(parts[1])"
        }
    }

    private var tools: [JSONValue] { status["tools"]?.array ?? [] }

    /// Returns nil for a text that is empty, because the gateway writes that for what the policy does not state.
    private func text(_ key: String) -> String? {
        status[key]?.string.flatMap { $0.isEmpty ? nil : $0 }
    }

    private func word(_ key: String) -> String { text(key) ?? "unknown" }

    private func row(_ title: String, _ name: String, _ text: String) -> String {
        title.padded(to: 10) + (name.isEmpty ? "" : name.padded(to: 6)) + text
    }

    private func listed(_ tools: [JSONValue]) -> String {
        guard status["tools"] != nil else { return "unknown" }
        return tools.isEmpty ? "nothing" : tools.map(Self.name).joined(separator: ", ")
    }

    private static func name(_ tool: JSONValue) -> String {
        (tool["tool"]?.string ?? "unknown") + (tool["outcome"]?.string == nil ? " (unknown)" : "")
    }

    private static func isRead(_ tool: JSONValue) -> Bool { tool["class"]?.string == "read" }

    /// The verdicts that calls can receive. A tool whose verdicts are not known is listed, marked as unknown.
    static func verdicts(_ tool: JSONValue) -> [String] {
        (tool["verdicts"]?.array ?? []).compactMap(\.string)
    }

    static func isReachable(_ tool: JSONValue) -> Bool {
        tool["outcome"]?.string == nil || verdicts(tool).contains { $0 != "deny" }
    }

    /// The most people that a call of the tool can need; 0 for none.
    static func people(_ tool: JSONValue) -> Int {
        verdicts(tool).map { verdict in
            guard verdict.hasPrefix("approve") else { return 0 }
            return Int(verdict.dropFirst("approve".count).drop { $0 == " " }) ?? 1
        }.max() ?? 0
    }

    private var humans: String {
        guard status["tools"] != nil else { return "unknown" }
        let groups = Dictionary(grouping: tools.filter { Self.people($0) > 0 }, by: Self.people)
        let texts = groups.sorted { $0.key > $1.key }.map { number, tools in
            "\(Self.number(number)): " + tools.map(Self.name).joined(separator: ", ")
        }
        return texts.isEmpty ? "no call needs people" : texts.joined(separator: "; ")
    }

    private static func number(_ number: Int) -> String {
        switch number {
        case 1: "one"
        case 2: "two"
        case 3: "three"
        default: String(number)
        }
    }

    private var worst: String {
        guard let limits = status["limits"]?.array else { return "unknown" }
        let texts = limits.prefix(3).map { limit in
            "\(limit["most"]?.integer ?? 0) in \(limit["seconds"]?.integer ?? 0) s of "
                + (limit["limit"]?.string ?? "unknown")
        }
        let share =
            status["quota_percent"]?.integer.map { " (\($0) % of the policy's limits)" } ?? ""
        let more = limits.count > texts.count ? ", …" : ""
        return texts.isEmpty ? "no limit is stated" : texts.joined(separator: ", ") + more + share
    }

    private var enforced: String {
        guard let controls = status["enforced_by"]?.array else { return "unknown" }
        let guidance = status["not_enforced"]?.array?.count ?? 0
        let sandbox = status["sandbox"]?["summary"]?.string ?? "no sandbox"
        return "\(controls.count) controls by the gateway; \(sandbox)"
            + (guidance > 0 ? "; \(guidance) as guidance alone" : "")
    }

    private func count(_ key: String) -> String {
        did[key]?.integer.map(String.init) ?? "unknown"
    }

    private var activity: String {
        var text =
            "since \(did["since"]?.string ?? "unknown"): \(count("calls")) calls, \(count("denied")) denied, "
            + "\(count("asked")) asked people, \(count("rejected")) rejected, \(count("unknown")) unknown outcomes"
        if let last = did["last_write"] {
            text +=
                "; last \(last["tool"]?.string ?? "unknown") \(last["at"]?.string ?? "unknown") "
                + "(record \(last["index"]?.integer ?? 0))"
        }
        if let lag = did["uncounted"]?.integer, lag > 0 {
            text += "; the index lacks \(lag) records, which are not counted"
        }
        return text
    }

    private var reconstruction: String {
        guard let facts = did["reconstruct"], let end = facts["checkpoint"]?.integer,
            let first = facts["first"]?.integer
        else { return "reconstruct: unknown" }
        let unproved = facts["unproved"]?.array?.count ?? 0
        return "reconstruct: records \(first) to \(end); "
            + (unproved > 0
                ? "\(unproved) records that the index names are not proven"
                : "those named here are proven to checkpoint \(end)")
    }

    private var sources: [String] {
        let policy = tools.map { tool in
            row("SOURCE", "", "\(Self.name(tool)) \(tool["at"]?.string ?? "no rule of the policy")")
        }
        var seen: Set<Int64> = []
        var records = did["last_write"].map { [$0] } ?? []
        records += did["exceptions"]?.array ?? []
        records += did["last"]?.array ?? []
        return policy
            + records.compactMap { record in
                guard let index = record["index"]?.integer, seen.insert(index).inserted else {
                    return nil
                }
                return row(
                    "SOURCE", "",
                    "record \(index) \(record["type"]?.string ?? "") leaf \(record["leaf"]?.string ?? "unknown")"
                )
            }
    }
}
