import InterlockAdministration
import InterlockEvidence
import InterlockMarkup
import InterlockModel

extension OperationServices {
    /// The acts whose names have all words of the text, each with the page that has its form. Only acts for which the
    /// viewer has a form; none for service accounts, which act on nothing.
    ///
    /// INVARIANT: the link of an act leads to a page to read; nothing is done by following it. Kept by `PaletteTests`.
    func acts(_ text: SearchedText, _ found: FoundObjects) -> ActList {
        let visibility = found.visibility
        guard visibility.person != nil, way == .page else { return ActList(parts: []) }
        let words = ActPattern(text)
        return ActList(
            parts: [.rows(settingsActs(words))] + stopActs(words, found) + accessActs(words, found)
                + [.rows(resumeActs(words, visibility) + serverActs(words, visibility))])
    }

    private func settingsActs(_ words: ActPattern) -> [SearchRow] {
        guard sessions != nil else { return [] }
        return [
            "Change theme, density or time zone", "Turn single-key shortcuts on or off",
            "End my other sessions",
        ].filter(words.areIn).map { SearchRow($0, SettingsRoute.page.address) }
    }

    private func stopActs(_ words: ActPattern, _ found: FoundObjects) -> [ActList.Part] {
        guard halts != nil, found.visibility.powers.contains(.kill) else { return [] }
        let all = "Stop all agents"
        return [
            .rows(words.areIn(all) ? [SearchRow(all, HaltRoute.list.link)] : []),
            named("Stop agent", .agents, words, found),
            named("Stop server", .servers, words, found),
        ]
    }

    private func accessActs(_ words: ActPattern, _ found: FoundObjects) -> [ActList.Part] {
        guard halts != nil, elevations != nil else { return [] }
        return [named("Request access for", .agents, words, found)]
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
        _ verb: String, _ kind: SearchKind, _ words: ActPattern, _ found: FoundObjects
    ) -> ActList.Part {
        let rest = words.all.filter { !$0.isIn(verb) || $0.text.utf8.count < 2 }
        return .named(verb, words.all.isEmpty ? [] : found.named(kind, rest), kind)
    }
}

/// Acts in the order of pages. The rows of those that name an object are made for one page, as there may be ten thousand.
struct ActList {
    enum Part {
        case rows([SearchRow])
        /// One act for each object: the verb, and the name of the object.
        case named(String, [SearchHit], SearchKind)
    }

    let parts: [Part]

    func page(_ page: Int) -> PagedRows<SearchRow> {
        let count = parts.reduce(0) { $0 + $1.count }
        let last = max(1, (count + Paging.size - 1) / Paging.size)
        let page = min(max(1, page), last)
        var before = (page - 1) * Paging.size
        var rows: [SearchRow] = []
        for part in parts {
            rows += part.rows(after: before, most: Paging.size - rows.count)
            before = max(0, before - part.count)
        }
        return PagedRows(rows, of: count, page: page)
    }
}

extension ActList.Part {
    fileprivate var count: Int {
        switch self {
        case .rows(let rows): rows.count
        case .named(_, let hits, _): hits.count
        }
    }

    fileprivate func rows(after first: Int, most: Int) -> [SearchRow] {
        switch self {
        case .rows(let rows): Array(rows.dropFirst(first).prefix(most))
        case .named(let verb, let hits, let kind):
            hits.dropFirst(first).prefix(most).map {
                SearchRow("\(verb) \($0.name)", kind.link(to: $0))
            }
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
