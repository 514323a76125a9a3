package import InterlockJSON

/// The rounds of one call in which its server requests input before it completes (docs/specs/mcp.md, section 5.2). It
/// sends nothing itself: each function returns the next step.
package struct InputRounds: Sendable {
    package enum Step: Sendable {
        /// The call is complete.
        case complete
        /// Ask the client for this input, then call `answered`.
        case ask([InputRequest])
        /// Send the call again with `retry` after this time.
        case again(after: Duration)
    }

    package static let maximum = 10
    private static let firstPause = Duration.milliseconds(50)
    private static let longestPause = Duration.seconds(2)

    /// The members that the next request adds, or nil in the first round.
    package private(set) var retry: InputRetry?
    private var rounds = 0
    private var pauses = 0
    private var open: InputRequired?
    private var declined = JSONObject()

    package init() {}

    /// Processes a result of a modern server.
    ///
    /// - Parameter declared: the capabilities that the request declared. An undeclared form is declined; any other
    ///   undeclared request ends the call.
    package mutating func take(
        _ result: JSONObject, declared: JSONObject
    ) throws(UpstreamProtocolError) -> Step {
        guard case .inputRequired(let required) = try UpstreamResult(result) else {
            return .complete
        }
        try countRound()
        declined = JSONObject()
        var asked: [InputRequest] = []
        for request in required.requests {
            if declared[request.method.capability] != nil {
                asked.append(request)
            } else if request.method == .elicit {
                declined[request.key] = .object(InputResponse.declined)
            } else {
                throw UpstreamProtocolError(
                    "the server asks for `\(request.method.rawValue)`, which was not offered to it")
            }
        }
        open = required
        guard asked.isEmpty else { return .ask(asked) }
        try answered([:])
        return .again(after: required.requests.isEmpty ? nextPause() : .zero)
    }

    /// Processes a legacy server's demand that pages are visited first (-32042, 2025-11-25). The call was not executed;
    /// it is sent again unchanged once all pages are accepted.
    ///
    /// - Returns: nil if the error is another one or may not be forwarded.
    package mutating func take(
        _ error: JSONRPCError, declared: JSONObject
    ) throws(UpstreamProtocolError) -> Step? {
        guard error.code == JSONRPCError.elicitationRequired,
            declared[InputRequest.Method.elicit.capability]?["url"] != nil,
            let pages = error.data?["elicitations"]?.array, !pages.isEmpty,
            pages.count <= InputRequired.maximumRequests
        else { return nil }
        try countRound()
        var requests: [InputRequest] = []
        for (place, page) in pages.enumerated() {
            guard case .object(var params) = page, params["url"]?.string != nil else { return nil }
            params["mode"] = "url"
            requests.append(InputRequest(key: "\(place)", method: .elicit, params: params))
        }
        return .ask(requests)
    }

    /// - Throws: `UpstreamProtocolError` if an answer is missing or cannot be sent to the server.
    package mutating func answered(
        _ answers: [ExactText: InputResponse]
    ) throws(UpstreamProtocolError) {
        guard let required = open else { return try allAccepted(answers) }
        var responses = JSONObject()
        for request in required.requests {
            if let declined = declined[request.key] {
                responses[request.key] = declined
            } else {
                responses[request.key] = try Self.response(to: request, answers[request.key])
            }
        }
        open = nil
        retry = InputRetry(responses: responses, state: required.state)
    }

    private static func response(
        to request: InputRequest, _ answer: InputResponse?
    ) throws(UpstreamProtocolError) -> JSONValue {
        switch answer {
        case .result(let result)?: return .object(result)
        case .refused? where request.method == .elicit: return .object(InputResponse.declined)
        // The modern era has no way to report a refusal to the server.
        case .refused(let error)?:
            throw UpstreamProtocolError(
                "`\(request.method.rawValue)` is refused: \(shortened(error.message))")
        case nil: throw UpstreamProtocolError("a question of the server was left unanswered")
        }
    }

    private func allAccepted(_ answers: [ExactText: InputResponse]) throws(UpstreamProtocolError) {
        for answer in answers.values {
            guard case .result(let result) = answer, result["action"] == "accept" else {
                throw UpstreamProtocolError("a page that the server requires was not accepted")
            }
        }
    }

    private mutating func countRound() throws(UpstreamProtocolError) {
        rounds += 1
        guard rounds <= Self.maximum else {
            throw UpstreamProtocolError("the server asks for the \(rounds)th time in one call")
        }
    }

    private mutating func nextPause() -> Duration {
        defer { pauses += 1 }
        return min(Self.firstPause * (1 << pauses), Self.longestPause)
    }
}

extension JSONRPCError {
    /// The code of 2025-11-25 that requires pages to be visited first.
    package static let elicitationRequired: Int64 = -32042
}
