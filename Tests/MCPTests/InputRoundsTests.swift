import InterlockJSON
import InterlockMCP
import Testing

@Suite struct InputRoundsTests {
    private static let form: JSONObject = ["elicitation": [:]]

    private static func required(_ requests: JSONValue, _ state: JSONValue? = "s") -> JSONObject {
        var result: JSONObject = ["resultType": "input_required", "inputRequests": requests]
        result["requestState"] = state
        return result
    }

    private static let elicit: JSONValue = [
        "method": "elicitation/create", "params": ["message": "m"],
    ]

    private func sent(_ rounds: InputRounds) -> String {
        String(
            decoding: UpstreamMessages.call(
                .callTool(name: "t", arguments: Array("{}".utf8)), id: 9, wantsProgress: false,
                retry: rounds.retry), as: UTF8.self)
    }

    @Test func `a result without a type, or complete, ends the call`() throws {
        var rounds = InputRounds()
        for result: JSONObject in [["content": []], ["content": [], "resultType": "complete"]] {
            guard case .complete = try rounds.take(result, declared: [:]) else {
                Issue.record("not complete")
                return
            }
        }
        #expect(rounds.retry == nil)
    }

    @Test func `answers and state go back as they are, the parameters unchanged`() throws {
        var rounds = InputRounds()
        let state = "opaque \"é\u{1F600}\n"
        guard
            case .ask(let asked) = try rounds.take(
                Self.required(["a": Self.elicit, "b": Self.elicit], .string(state)),
                declared: Self.form)
        else {
            Issue.record("nothing asked")
            return
        }
        #expect(asked.map(\.key) == ["a", "b"])
        try rounds.answered([
            "a": .result(["action": "accept"]),
            "b": .refused(JSONRPCError(code: -1, message: "no")),
        ])
        let message = try JSONValue(parsing: Array(sent(rounds).utf8), limits: .upstream)
        #expect(message["params"]?["requestState"] == .string(state))
        #expect(
            message["params"]?["inputResponses"]
                == ["a": ["action": "accept"], "b": ["action": "decline"]])
        #expect(message["params"]?["arguments"] == [:])
    }

    @Test func `what is not a question, or may not be asked, ends the call`() {
        let bad: [JSONObject] = [
            Self.required(["a": ["method": "ping"]]), Self.required(["a": []]), Self.required([]),
            Self.required(["a": ["method": "elicitation/create", "params": []]]),
            Self.required(["a": ["method": "sampling/createMessage"]]),
            Self.required(["a": Self.elicit], 7), Self.required([:], nil),
            ["resultType": "input_required"], ["resultType": "task"], ["resultType": 1],
            Self.required(
                .object(
                    JSONObject(distinct: (0..<17).map { (key: "\($0)", value: Self.elicit) }))),
        ]
        for result in bad {
            var rounds = InputRounds()
            #expect(throws: UpstreamProtocolError.self, "\(result)") {
                try rounds.take(result, declared: Self.form)
            }
        }
    }

    @Test func `a question that nobody answered, or that cannot be refused, ends the call`() throws
    {
        let roots: JSONObject = ["roots": [:]]
        for answers: [ExactText: InputResponse] in [
            [:], ["a": .refused(JSONRPCError(code: -1, message: "no"))],
        ] {
            var rounds = InputRounds()
            _ = try rounds.take(Self.required(["a": ["method": "roots/list"]]), declared: roots)
            #expect(throws: UpstreamProtocolError.self) { try rounds.answered(answers) }
        }
    }

    @Test func `ten rounds, not eleven`() throws {
        var rounds = InputRounds()
        for _ in 0..<10 {
            _ = try rounds.take(Self.required([:]), declared: [:])
        }
        #expect(throws: UpstreamProtocolError.self) {
            try rounds.take(Self.required([:]), declared: [:])
        }
    }

    @Test func `a server that asks for nothing is asked again later each time, within bounds`()
        throws
    {
        var rounds = InputRounds()
        var pauses: [Duration] = []
        for _ in 0..<8 {
            if case .again(let pause) = try rounds.take(Self.required([:]), declared: [:]) {
                pauses.append(pause)
            }
        }
        #expect(pauses.count == 8)
        #expect(pauses == pauses.sorted() && pauses[0] > .zero && pauses[7] == .seconds(2))
    }
}
