import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts
import Synchronization

/// An entry of a list in which no value is that agents must not read, as far as the search finds them.
///
/// INVARIANT: no text of a server reaches an agent in a list before a search of its whole entry, for the values of
/// now, found nothing, or found values in titles and descriptions alone, which are then replaced. Without an answer of
/// the search, the entry is left out. Kept by `EntrySearchTests`, `ServerTextRouteTests`, `test_server_texts.py`.
package struct SearchedEntry: Sendable {
    private let feature: ListedFeature
    private let values: [EntryText.Removals]

    fileprivate init(_ feature: ListedFeature, _ values: [EntryText.Removals]) {
        (self.feature, self.values) = (feature, values)
    }

    /// The bytes that it takes in a list, in the form of the newest version.
    var byteCount: Int { feature.byteCount }

    /// Returns the entry in the form of a version.
    ///
    /// - Parameters:
    ///   - name: the name of a tool or prompt at the endpoint.
    ///   - server: the server that `/mcp` puts in the URI of a resource.
    ///   - redaction: that of the run of the agent.
    func shown(
        as name: String?, routedBy server: ServerName?, in version: ProtocolVersion,
        _ redaction: AnswerRedaction
    ) -> JSONObject {
        let shown = feature.shown(as: name, routedBy: server, in: version)
        return values.isEmpty ? shown : shown.replacing(values, redaction)
    }
}

/// The result of the search in one feature, kept with it: a list of thousands is not searched again while neither the
/// feature nor the values of the broker change.
final class EntryVerdict: Sendable {
    fileprivate enum EntryResult {
        case clean
        /// All values are in titles and descriptions.
        case replaced([EntryText.Removals])
        case leftOut
    }
    private struct State {
        var generation: UInt64
        var verdict: EntryResult
        var findings: [ResultFinding]
    }
    private let state = Mutex<State?>(nil)

    /// The answer for a list.
    enum EntryLookup {
        case entry(SearchedEntry, [ResultFinding])
        case leftOut([ResultFinding])
        /// Not searched, or with other values than those of now.
        case unsearched
    }

    /// - Parameter generation: that of the values of now (`ResultInspector.generation`).
    func lookup(_ feature: ListedFeature, at generation: UInt64) -> EntryLookup {
        state.withLock { state in
            guard let state, state.generation == generation else { return .unsearched }
            switch state.verdict {
            case .clean: return .entry(SearchedEntry(feature, []), [])
            case .replaced(let values):
                return .entry(SearchedEntry(feature, values), state.findings)
            case .leftOut: return .leftOut(state.findings)
            }
        }
    }

    /// The last verdict as a number, whatever the values were: lists that differ in it are different.
    var lastMark: UInt8 {
        state.withLock { state in
            switch state?.verdict {
            case .clean?, nil: 0
            case .replaced?: 1
            case .leftOut?: 2
            }
        }
    }

    /// True if the last search found a value that cannot be replaced.
    var isLeftOut: Bool { lastMark == 2 }

    fileprivate func settle(
        _ verdict: EntryResult, _ findings: [ResultFinding], at generation: UInt64
    ) {
        state.withLock {
            $0 = State(generation: generation, verdict: verdict, findings: findings)
        }
    }
}

/// Searches features for lists.
struct EntrySearch: Sendable {
    let inspector: any ResultInspector
    let clock: any Clock
    let redaction: AnswerRedaction
    /// Answers for texts, or fails.
    let inspect: @Sendable (ResultTexts) async -> ResultInspection

    /// The searches after which other requests of the loop may run.
    private static let turn = 16
    /// The time in which a list begins searches; the next request for it continues.
    static let patience = Duration.seconds(2)

    /// Searches the features one after the other, for at most `patience`. One without an answer stays unsearched.
    func search(_ features: [ListedFeature]) async {
        let start = clock.boot
        for (index, feature) in features.enumerated() {
            guard !Task.isCancelled, clock.boot - start <= Self.patience else { return }
            if index % Self.turn == Self.turn - 1 { await Task.yield() }
            await search(feature)
        }
    }

    private func search(_ feature: ListedFeature) async {
        // Read first: values that change during the search are then another generation.
        let generation = inspector.generation
        let document = feature.document
        let texts = ResultTexts(.object(document))
        switch feature.weighed(await inspect(texts)) {
        case .clean, .undecodable, .marked: feature.verdict.settle(.clean, [], at: generation)
        case .failed(let failure): settle(failure, feature, at: generation)
        case .found(let findings, _, _):
            guard let values = EntryText.findings(findings, in: document) else {
                return feature.verdict.settle(.leftOut, findings, at: generation)
            }
            let copy = ResultTexts(.object(document.replacing(values, redaction)))
            switch feature.weighed(await inspect(copy)) {
            case .clean, .undecodable, .marked:
                feature.verdict.settle(.replaced(values), findings, at: generation)
            case .found: feature.verdict.settle(.leftOut, findings, at: generation)
            case .failed(let failure): settle(failure, feature, at: generation)
            }
        }
    }

    /// Remembers a failure that the same feature would cause again; after others it is searched again.
    private func settle(
        _ failure: ResultInspectionFailure, _ feature: ListedFeature, at generation: UInt64
    ) {
        switch failure {
        case .tooLarge: feature.verdict.settle(.leftOut, [], at: generation)
        case .late, .busy, .scanner: break
        }
    }
}

extension ListedFeature {
    /// People reviewed the words of tools and prompts, which may have numbers as examples. Resources are not reviewed.
    fileprivate func weighed(_ inspection: ResultInspection) -> ResultInspection {
        switch self {
        case .tool, .prompt: inspection.weighed(lowering: \.isOfNumber)
        case .resource: inspection
        }
    }

    /// Returns the entry as its server describes it, which only a search makes fit for an agent.
    fileprivate func shown(
        as name: String?, routedBy server: ServerName?, in version: ProtocolVersion
    ) -> JSONObject {
        switch self {
        case .tool(let pin):
            pin.definition.shown(as: name ?? pin.definition.name.text, in: version)
        case .prompt(let pin): pin.definition.shown(as: name ?? pin.definition.name, in: version)
        case .resource(let resource, _, _): resource.shown(in: version, routedBy: server)
        }
    }
}
