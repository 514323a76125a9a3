import InterlockJSON
import InterlockModel
import InterlockPorts

/// The words that tell an agent why its arguments do not fit a reviewed schema: they quote names and values of the
/// schema, which its server wrote.
///
/// INVARIANT: no text of a schema reaches an agent in a refusal before a search of exactly that text found nothing.
/// Without an answer of the search, the text is withheld. Kept by `ViolationSearchTests`, `ServerTextRouteTests`.
package struct SearchedViolation: Sendable {
    package let text: String
    /// The result of the search; nil if it had no answer.
    let found: ResultSearchSummary?

    fileprivate init(_ text: String, _ found: ResultSearchSummary?) {
        (self.text, self.found) = (text, found)
    }

    fileprivate static func withheld(_ why: String, _ found: ResultSearchSummary? = nil)
        -> SearchedViolation
    {
        SearchedViolation("what does not fit is withheld, because it \(why)", found)
    }
}

extension CallPipeline {
    /// Searches the words at once, on the loop of the call, and replaces what is found. Long names are cut in them, so
    /// that nothing is said about a schema that has a value, if a list has found that.
    func search(
        violation: String, of pin: PinnedFeature, for principal: Principal
    ) -> SearchedViolation {
        let rules = gateway.ports.resultRules
        guard !pin.isLeftOut else { return .withheld("has a value that agents must not read") }
        let document = JSONValue.string(violation)
        guard let inspection = gateway.ports.results.inspectAtOnce(ResultTexts(document)) else {
            return .withheld("could not be searched for secrets")
        }
        let found = ResultSearchSummary(rules: rules, inspection)
        switch inspection {
        case .clean, .undecodable, .marked: return SearchedViolation(violation, found)
        case .found(let findings, _, _):
            gateway.alarm(canaryIn: findings, for: principal)
            guard
                let copy = gateway.redaction(for: principal).redacted(
                    document, ResultTexts(document), findings),
                let text = copy.string,
                gateway.ports.results.inspectAtOnce(ResultTexts(copy))?.isClean == true
            else { return .withheld("has a value that agents must not read", found) }
            return SearchedViolation(text, found)
        case .failed: return .withheld("could not be searched for secrets")
        }
    }
}
