import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts

@testable import InterlockAdministration
@testable import InterlockGovernor

/// A server's requests for input during a call, from the upstream to the caller and back.
enum Asking {
    static let asks = [
        ("environment: staging", "environment: staging\n    asks: [elicitation_form, sampling]")
    ]

    static func form(_ key: String = "q", field: String = "region") -> InputRequest {
        InputRequest(
            key: key, method: .elicit,
            params: [
                "message": "Which one?",
                "requestedSchema": [
                    "type": "object", "properties": .object([field: ["type": "string"]]),
                ],
            ])
    }

    static let sample = InputRequest(
        key: "s", method: .sample, params: ["messages": [], "maxTokens": 10])

    /// Sets an upstream that requests input `rounds` times and returns the responses that it received.
    static func upstream(_ bench: Bench, _ rounds: [[InputRequest]]) {
        bench.upstreams.answer { call in
            guard let input = call.input else { return .text("nobody can be asked") }
            var told = "asked:"
            for requests in rounds {
                switch await input.ask(requests) {
                case .abandoned: return .cancelled(confirmed: false)
                case .answered(let answers):
                    for request in requests { told += " " + text(answers[request.key]) }
                }
            }
            return .text(told)
        }
    }

    private static func text(_ answer: InputResponse?) -> String {
        switch answer {
        case .result(let result):
            result["action"]?.string.map {
                $0 + (result["content"]?["region"]?.string.map { ":" + $0 } ?? "")
            } ?? result["model"]?.string ?? "result"
        case .refused(let error): "error \(error.code)"
        case nil: "nothing"
        }
    }
}
