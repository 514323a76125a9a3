import InterlockAdministration
import InterlockEvidence
import InterlockMarkup
import InterlockModel

extension OperationServices {
    /// The acts whose names have all words of the text, each with the page that has its form. Only acts for which the
    /// viewer has a form; none for service accounts, which act on nothing.
    ///
    /// INVARIANT: the link of an act leads to a page to read; nothing is done by following it. Kept by `PaletteTests`.
    func acts(_ text: SearchedText, for visibility: Visibility) -> [SearchRow] {
        guard visibility.person != nil, way == .page else { return [] }
        let words = ActPattern(text)
        return settingsActs(words) + stopActs(words, visibility)
            + accessActs(words, visibility) + resumeActs(words, visibility)
            + serverActs(words, visibility)
    }

    private func settingsActs(_ words: ActPattern) -> [SearchRow] {
        guard sessions != nil else { return [] }
        return [
            "Change theme, density or time zone", "Turn single-key shortcuts on or off",
            "End my other sessions",
        ].filter(words.areIn).map { SearchRow($0, SettingsRoute.page.address) }
    }

    private func stopActs(_ words: ActPattern, _ visibility: Visibility) -> [SearchRow] {
        guard halts != nil, visibility.powers.contains(.kill) else { return [] }
        let all = "Stop all agents"
        return (words.areIn(all) ? [SearchRow(all, HaltRoute.list.link)] : [])
            + named("Stop agent", .agents, words, visibility)
            + named("Stop server", .servers, words, visibility)
    }

    private func accessActs(_ words: ActPattern, _ visibility: Visibility) -> [SearchRow] {
        guard halts != nil, elevations != nil else { return [] }
        return named("Request access for", .agents, words, visibility)
    }

    /// The halts are on every page of a signed-in person, so none is hidden here.
    private func resumeActs(_ words: ActPattern, _ visibility: Visibility) -> [SearchRow] {
        guard let halts, visibility.powers.contains(.resume) else { return [] }
        return halts.standingHalts.compactMap { halt in
            let name = Self.resuming(halt)
            return words.areIn(name) ? SearchRow(name, HaltRoute.report(halt.order.id).link) : nil
        }
    }

    private static func resuming(_ halt: ActiveHalt) -> String {
        switch halt.order.target {
        case .org: "Resume all agents"
        case .owner: "Resume agents of \(halt.owner?.address ?? "an unknown owner")"
        case .drill: "Resume canaries of a drill"
        case let target: "Resume \(target.kind) \(target.target)"
        }
    }

    private func serverActs(_ words: ActPattern, _ visibility: Visibility) -> [SearchRow] {
        guard let servers = sources.servers, visibility.powers.contains(.security) else {
            return []
        }
        return servers.servers().compactMap { server in
            let isQuarantined = if case .quarantined = server.state { true } else { false }
            let name = "\(isQuarantined ? "Release" : "Quarantine") server \(server.name.text)"
            return words.areIn(name)
                ? SearchRow(name, Link("servers", server.name.text)) : nil
        }
    }

    /// One act for each visible object of a kind. A text that is part of the verb alone names every object, so it must
    /// have at least two letters: "st" for all that can be stopped.
    private func named(
        _ verb: String, _ kind: SearchKind, _ words: ActPattern, _ visibility: Visibility
    ) -> [SearchRow] {
        let rest = words.all.filter { !$0.isIn(verb) || $0.text.utf8.count < 2 }
        guard !words.all.isEmpty,
            let hits = sources.search?.hits(
                kind, rest.first ?? SearchedText(""), for: visibility)
        else { return [] }
        return hits.filter { hit in rest.allSatisfy { $0.isIn(hit.name) } }.map {
            SearchRow("\(verb) \($0.name)", kind.link(to: $0))
        }
    }
}

/// The words of a searched text, each of which an act's name must have.
private struct ActPattern {
    let all: [SearchedText]

    init(_ text: SearchedText) {
        all = text.text.split(separator: " ").map { SearchedText(String($0)) }
    }

    func areIn(_ name: String) -> Bool { all.allSatisfy { $0.isIn(name) } }
}
