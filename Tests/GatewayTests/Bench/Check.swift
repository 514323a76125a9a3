import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockPorts
import Testing

/// What a caller is to get.
enum Expected: Equatable, CustomStringConvertible {
    /// An HTTP answer with this status and no JSON-RPC message, or one without a known code.
    case http(Int)
    /// A JSON-RPC error, with the HTTP status under it.
    case error(Int, status: Int = 200)
    /// A result with `isError` and the decision of `_meta`.
    case refused(Int, String)
    /// A result, by the text of its first content.
    case text(String)

    var description: String {
        switch self {
        case .http(let status): "HTTP \(status)"
        case .error(let code, let status): "error \(code) in \(status)"
        case .refused(let code, let reason): "refused \(code) \(reason)"
        case .text(let text): "`\(text)`"
        }
    }

    /// What was really answered, in the same words; nil when nothing was.
    init?(_ exchange: FakeExchange) {
        guard exchange.now.response != nil || exchange.now.isStream else { return nil }
        let status = exchange.now.response?.status ?? 200
        let message = exchange.message
        if let code = message?["error"]?["code"]?.integer {
            self = .error(Int(code), status: status)
        } else if let result = message?["result"] {
            if let decision = result["_meta"]?["interlock/decision"], result["isError"] == true {
                self = .refused(
                    Int(decision["code"]?.integer ?? 0), decision["reason"]?.string ?? "")
            } else {
                self = .text(result["content"]?.array?.first?["text"]?.string ?? "")
            }
        } else {
            self = .http(status)
        }
    }
}

/// The one place where answers are compared.
func check(
    _ exchange: FakeExchange, _ expected: Expected, _ comment: Comment? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(Expected(exchange) == expected, comment, sourceLocation: sourceLocation)
    #expect(exchange.now.faults == [], comment, sourceLocation: sourceLocation)
    if exchange.now.isStream {
        #expect(exchange.now.isEnded, "the stream has its end", sourceLocation: sourceLocation)
    }
}

extension Bench {
    /// Does something and compares the answer, the records that it left and how often the upstream was
    /// called.
    func check(
        _ expected: Expected, records: [RecordType]? = nil, sent: Int = 0,
        _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation,
        _ act: () async throws -> FakeExchange
    ) async rethrows {
        let before = types.count
        let sentBefore = upstreams.sent.count
        let exchange = try await act()
        GatewayTests.check(exchange, expected, comment, sourceLocation: sourceLocation)
        #expect(
            upstreams.sent.count - sentBefore == sent, comment, sourceLocation: sourceLocation)
        if let records {
            #expect(
                Array(types.dropFirst(before)) == records, comment,
                sourceLocation: sourceLocation)
        }
    }
}
