import InterlockJSON
import InterlockModel

extension CallSpan {
    /// The span in the JSON mapping of OTLP: identifiers in hexadecimal digits, times as strings of nanoseconds,
    /// enumerations as numbers.
    var json: JSONValue {
        var object: JSONObject = [
            "traceId": .string(Hex.encode(identity.trace)),
            "spanId": .string(Hex.encode(identity.span)),
            "name": .string(SpanConventions.spanName),
            "kind": .integer(SpanConventions.spanKind),
            "startTimeUnixNano": .string("\(start.microseconds * 1_000)"),
            "endTimeUnixNano": .string("\(end.microseconds * 1_000)"),
            "attributes": .array(attributes),
        ]
        if failure != nil { object["status"] = ["code": .integer(SpanConventions.failed)] }
        return .object(object)
    }

    /// The reason why the agent did not get what it asked for, or nil if it did.
    private var failure: String? {
        switch outcome {
        case .ended("ok", _): nil
        // The name that the conventions give an error that the tool itself reports.
        case .ended("tool_error", _): "tool_error"
        case .ended(_, let code): code
        case .denied(let code): code
        case .unknown(let cause): cause
        }
    }

    private var outcomeText: String {
        switch outcome {
        case .ended(let status, _): status
        case .denied: "denied"
        case .unknown: "unknown"
        }
    }

    private var code: String {
        switch outcome {
        case .ended(_, let code), .denied(let code): code
        case .unknown(let cause): cause
        }
    }

    private var attributes: [JSONValue] {
        let isTool = facts.tool?.kind == .tool
        let isMessage = isTool && facts.tool?.server.text != SpanConventions.host
        let pairs: [(key: String, value: String?)] = [
            (SpanConventions.operation, isTool ? "execute_tool" : nil),
            (SpanConventions.method, isMessage ? "tools/call" : nil),
            (SpanConventions.agent, facts.agent),
            (SpanConventions.tool, facts.tool?.wireName),
            (SpanConventions.call, identity.call.text),
            (SpanConventions.server, facts.tool?.server.text),
            (SpanConventions.run, identity.run?.text),
            (SpanConventions.decision, identity.call.decisionID),
            (SpanConventions.verdict, facts.verdict.rawValue),
            (SpanConventions.rule, facts.rule),
            (SpanConventions.policy, facts.policy?.prefixed),
            (SpanConventions.toolClass, facts.toolClass),
            (SpanConventions.outcome, outcomeText),
            (SpanConventions.code, code),
            (SpanConventions.error, failure),
            (SpanConventions.intent, facts.intent?.base64),
            (SpanConventions.leaf, leaf.base64),
        ]
        return pairs.compactMap { pair in
            pair.value.map { TraceRequest.attribute(pair.key, $0) }
        }
    }
}
