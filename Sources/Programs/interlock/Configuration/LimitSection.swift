import InterlockLimits
import InterlockPolicy

extension Section {
    private typealias Bounds = AdmissionLimits.Bounds

    /// The limits that apply before the policy's own limits. Every value has bounds: none can be turned off
    /// (docs/specs/limits-and-monitoring.md, sections 2 and 14).
    static let limits = Section(
        "limits",
        "connections, and how often anything may be asked; calls of tools have theirs in the policy",
        [
            .count(
                "connections", \.limits.connections, 1...100_000,
                "open connections of the agent plane; above: 503"),
            .count(
                "people_connections", \.limits.peopleConnections, 16...10_000,
                "open connections of the people plane; a quarter is reserved for signed-in people and services; when the rest is full, an idle connection of the source with the most is closed for a new one. Half of them are for pages that are told of changes"
            ),
            .count(
                "local_connections", \.limits.localConnections, 1...1_000,
                "open connections of the local socket"),
            .group(
                "requests",
                [
                    .pace("rate", \.limits.doors.requests, "of whatever kind"),
                    .limit("burst", \.limits.doors.burst, Bounds.burst, "as many at once"),
                ], "messages of an agent, counted before they are read; above: 429"),
            .pace(
                "auth_failures", \.limits.doors.failures,
                "credentials from one address that do not hold; above: 429, and nobody else is kept out"
            ),
            .group(
                "inflight",
                [
                    .limit("agent", \.limits.doors.agentCalls, Bounds.calls, "of one agent"),
                    .limit("server", \.limits.doors.serverCalls, Bounds.calls, "to one server"),
                ], "calls under way, with those that wait for people; above: 4290"),
            .pace(
                "lists", \.limits.doors.lists,
                "lists of tools, resources and prompts for one agent"),
            .pace("discovers", \.limits.doors.discovers, "times that one agent asks what there is"),
            .pace(
                "completions", \.limits.doors.completions,
                "completions for one agent: they show what exists, piece by piece"),
        ])
}

extension Setting {
    /// A rate such as `600/m`.
    static func pace(_ name: String, _ path: Path<PaceRate>, _ about: String) -> Setting {
        let range = AdmissionLimits.Bounds.counts
        let expected =
            "`N/UNIT` such as 600/m, N from \(range.lowerBound) to \(range.upperBound), UNIT s, m, h or d: "
            + "limits stay on"
        return Setting(
            name: name, form: "N/s, N/m, N/h or N/d, N from \(range.lowerBound)", about: about,
            text: { $0[keyPath: path].description },
            read: { (node, configuration) throws(ValueError) in
                guard case .scalar(let scalar) = node.content, let rate = PaceRate(scalar.text),
                    range.contains(rate.count)
                else { throw ValueError(expected: expected) }
                configuration[keyPath: path] = rate
            })
    }

    /// Does the same as `count` for a limit that cannot be turned off.
    fileprivate static func limit(
        _ name: String, _ path: Path<Int>, _ range: ClosedRange<Int>, _ about: String
    ) -> Setting {
        let plain = count(name, path, range, about)
        return Setting(
            name: name, form: plain.form, about: about, text: plain.text,
            read: { (node, configuration) throws(ValueError) in
                do throws(ValueError) { try plain.read(node, &configuration) } catch {
                    throw ValueError(expected: error.expected + ": limits stay on")
                }
            })
    }
}
