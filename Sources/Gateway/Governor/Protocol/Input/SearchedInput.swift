import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts
import InterlockSafety

/// A request for input for a caller: of a server, after a search of its texts, or of the gateway itself.
///
/// INVARIANT: no request of a server reaches a caller before a search of exactly that request found nothing. With a
/// finding, or without an answer of the search, it is declined. Kept by `InputSearchTests`, `ServerTextRouteTests`.
package struct SearchedInput: Sendable {
    let request: InputRequest
    var key: String { request.key }

    /// Everything that the caller reads.
    var texts: ResultTexts { request.texts }

    fileprivate init(_ request: InputRequest) { self.request = request }

    /// The gateway's own request, which has the caller's arguments and no text of a server.
    static func own(_ prompt: ApprovalPrompt) -> SearchedInput { SearchedInput(prompt.request) }

    /// Returns the request for a client of a version.
    ///
    /// - Parameter elicitation: the gateway's own id of a page; the server's is never shown.
    func identified(as elicitation: String?) -> SearchedInput {
        var params = request.params
        params["elicitationId"] = elicitation.map(JSONValue.string)
        return with(params)
    }

    /// Returns the request without its mode, for versions that only have forms and do not know it.
    var withoutMode: SearchedInput {
        var params = request.params
        params["mode"] = nil
        return with(params)
    }

    private func with(_ params: JSONObject) -> SearchedInput {
        SearchedInput(InputRequest(key: request.key, method: request.method, params: params))
    }
}

/// Asks the caller of a call for input that was searched. Its contract is that of `InputSink`.
protocol SearchedInputSink: Sendable {
    /// The capabilities that the caller declared.
    var declared: JSONObject { get }
    var era: Era { get }
    func ask(_ requests: [SearchedInput]) async -> InputRound
}

extension Gateway {
    /// Searches a request as its caller would get it: its key, which the server may have chosen, and its parameters.
    ///
    /// - Parameters:
    ///   - admitted: the classes of numbers that the tool takes or returns, which a question about a call may repeat.
    ///   - found: gets the findings.
    /// - Throws: the reason why the request must not be sent to the caller.
    func search(
        _ request: InputRequest, for principal: Principal, admitting admitted: SecretClassSet,
        _ found: inout ResultSearchSummary?
    ) async throws(InputRefusal) -> SearchedInput {
        let texts = request.texts
        let known = found ?? ResultSearchSummary(rules: ports.resultRules)
        let inspection = await self.inspection(of: texts, for: principal.agent)
        switch inspection.weighed(lowering: { admitted.contains($0.secretClass) }) {
        case .clean:
            found = known
            return SearchedInput(request)
        case .undecodable:
            found = known.adding([], isUndecodable: true)
            return SearchedInput(request)
        case .marked(let marks, let isUndecodable):
            found = known.adding([], isUndecodable: isUndecodable).adding(marks: marks.counts)
            return SearchedInput(request)
        case .found(let findings, let isUndecodable, _):
            alarm(canaryIn: findings, for: principal)
            found = known.adding(findings, isUndecodable: isUndecodable)
            throw .found
        case .failed: throw .unsearched
        }
    }
}

extension InputRequest {
    fileprivate var texts: ResultTexts {
        ResultTexts(["key": .string(key), "params": .object(params)])
    }
}
