import InterlockEgress
import InterlockGovernor
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts

/// A permitted connection of a run in whose host and request nothing was found that must not be sent; or one of a server,
/// which is not searched: it sends its own credentials. Only `search` makes it.
struct SearchedConnection {
    let permitted: SandboxEgress.PermittedConnection
    let content: EgressContent

    fileprivate init(_ permitted: SandboxEgress.PermittedConnection, _ content: EgressContent) {
        (self.permitted, self.content) = (permitted, content)
    }

    /// Returns the connection under a later decision, or nil if that is about another one, or by another rule: which names
    /// are searched depends on the rule.
    func decided(again later: SandboxEgress.PermittedConnection) -> SearchedConnection? {
        guard later.source == permitted.source, later.call == permitted.call,
            later.asked == permitted.asked, later.rule == permitted.rule
        else { return nil }
        return SearchedConnection(later, content)
    }
}

/// The reason why the content of a connection is not sent.
struct ContentRefusal: Error {
    let reason: EgressReason
    /// The values that were found; nil for another reason.
    let finding: ConnectionFinding?

    init(_ reason: EgressReason, _ finding: ConnectionFinding? = nil) {
        (self.reason, self.finding) = (reason, finding)
    }
}

/// The search in what a run would send outside the calls of its tools (docs/specs/output-safety.md, sections 2 and 7). TLS
/// and other tunnels have their host alone.
///
/// INVARIANT: nothing of a plain request reaches its server, and no name that the run has made reaches a resolver, before
/// a search of exactly these bytes found nothing. Without an answer of the search, it is refused. Kept by
/// `ConnectionSearchTests`, `test_run_egress_content.py`.
extension SandboxEgress {
    /// Searches the host of a connection, and its request if it is plain HTTP.
    func search(
        _ permitted: PermittedConnection, _ content: EgressContent
    ) async -> Result<SearchedConnection, ContentRefusal> {
        let searched = SearchedConnection(permitted, content)
        guard let run = permitted.source.run else { return .success(searched) }
        var texts = permitted.nameTexts
        var target: String?
        switch (permitted.asked.access, content) {
        case (.tunnel, .unread), (.model, .prompt): break
        case (.http, .request(let sent)):
            guard let found = sent.texts else { return .failure(ContentRefusal(.undecodable)) }
            texts += found
            target = sent.target
        case (.http, .unread), (.http, .prompt), (.tunnel, .prompt), (.tunnel, .request),
            (.model, .unread), (.model, .request):
            return .failure(ContentRefusal(.badRequest))
        }
        if let refusal = await refusal(for: texts, in: run) { return .failure(refusal) }
        if let target, gateway.isLongQuery(target, of: run, under: permitted.policy) {
            return .failure(ContentRefusal(.longQuery))
        }
        return .success(searched)
    }

    /// Searches a name before it is looked up.
    func refusal(ofNameIn permitted: PermittedConnection) async -> ContentRefusal? {
        guard let run = permitted.source.run else { return nil }
        return await refusal(for: permitted.nameTexts, in: run)
    }

    private func refusal(for texts: [String], in run: RunContext) async -> ContentRefusal? {
        guard !texts.isEmpty else { return nil }
        switch await gateway.search(connection: texts, of: run) {
        case .clean: return nil
        case .found(let finding): return ContentRefusal(.sideChannel, finding)
        case .undecodable: return ContentRefusal(.undecodable)
        case .failed: return ContentRefusal(.scanFailed)
        }
    }
}

extension SandboxEgress.PermittedConnection {
    /// The host as a name and without its dots, by which a value is found that is in several labels. Empty if the policy
    /// has exactly this host, so that it says nothing of the run, and for an address.
    fileprivate var nameTexts: [String] {
        guard case .below = rule.pattern, asked.target.host.address == nil else { return [] }
        let name = "\(asked.target.host)"
        return [name, name.filter { $0 != "." }]
    }
}
