package import InterlockModel
package import InterlockPolicy

/// The agents whose page of `policy explain` is longer than a person reads in one sitting (W217, R034).
///
/// A page takes a compiled policy and every reachable verdict, which is too much for each load; `policy check` looks.
package struct LongPages {
    package static let mostLines = 60
    package let findings: [Finding]

    package init(_ policy: PolicySnapshot, at now: Timestamp) {
        var found = Findings()
        for (name, entry) in policy.agents.sorted(by: { $0.key < $1.key }) {
            guard let page = AgentPage(policy, of: name, .none, at: now) else { continue }
            let lines = page.text.split(separator: "\n", omittingEmptySubsequences: false).count
            guard lines > Self.mostLines else { continue }
            var finding = Finding(
                .pageTooLong, at: entry.spec.place, path: "agents.\(name)", subject: name,
                "\(name): its page has \(lines) lines, more than \(Self.mostLines)",
                help: "split the agent, or grant with fewer lines; `policy explain` shows the page")
            finding.waived = policy.document.waives(finding, at: now)
            found.add(finding)
        }
        findings = found.all
    }
}
