import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockPorts
import Testing

/// The expected response to a caller.
enum Expected: Equatable, CustomStringConvertible {
    /// An HTTP response with this status whose body has no JSON-RPC result and no error code.
    case http(Int)
    /// A JSON-RPC error with its HTTP status.
    case error(Int, status: Int = 200)
    /// A result with `isError` and the decision in `_meta`.
    case refused(Int, String)
    /// A result, by the text of its first content block.
    case text(String)

    var description: String {
        switch self {
        case .http(let status): "HTTP \(status)"
        case .error(let code, let status): "error \(code) in \(status)"
        case .refused(let code, let reason): "refused \(code) \(reason)"
        case .text(let text): "`\(text)`"
        }
    }

    /// The actual response; nil if the exchange was not answered.
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

/// Compares a response with the expected one; every test goes through here.
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
    /// Performs `act`, then compares the response, the new records and the number of upstream calls.
    func check(
        _ expected: Expected, records: [RecordType]? = nil, sent: Int = 0,
        _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation,
        _ act: () async throws -> FakeExchange
    ) async rethrows {
        let before = types.count
        let sentBefore = upstreams.sent.count
        let exchange = try await act()
        InterlockGatewayBench.check(exchange, expected, comment, sourceLocation: sourceLocation)
        #expect(
            upstreams.sent.count - sentBefore == sent, comment, sourceLocation: sourceLocation)
        if let records {
            #expect(
                Array(types.dropFirst(before)) == records, comment,
                sourceLocation: sourceLocation)
        }
    }
}
