import InterlockJSON
import InterlockMCP

extension SelfTestAnswer {
    /// The text of the fake server's answer.
    package static let counted = "counted by the self-test"

    /// The error of the protocol about a tool that does not exist.
    private static let invalidParameters: Int64 = -32_602

    /// Reads the body of a response: one JSON object, or the events of a stream, of which the last message with a result or
    /// an error counts.
    package init(body: [UInt8]) {
        let text = String(decoding: body, as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline).map { line in
            line.hasPrefix("data:") ? String(line.dropFirst(5)) : String(line)
        }
        let messages = lines.compactMap { line in
            try? JSONValue(parsing: Array(line.utf8), limits: .agent)
        }
        guard let message = messages.last(where: { $0["result"] != nil || $0["error"] != nil })
        else {
            self = .other("an answer that was not understood: \(text.prefix(120))")
            return
        }
        self.init(message)
    }

    private init(_ message: JSONValue) {
        if let error = message["error"] {
            if error["code"]?.integer == Self.invalidParameters {
                self = .refused(reason: Self.unknownTool, rule: "")
            } else if let reason = error["data"]?["reason"]?.string {
                self = .refused(reason: reason, rule: error["data"]?["ruleId"]?.string ?? "")
            } else {
                self = .other("the error \(error["code"]?.integer ?? 0)")
            }
            return
        }
        let result = message["result"]
        let decision = result?["_meta"]?[RefusalResponse.metaKey]
        if result?["isError"]?.bool == true {
            guard let reason = decision?["reason"]?.string else {
                self = .other("an error of the server")
                return
            }
            self = .refused(reason: reason, rule: decision?["ruleId"]?.string ?? "")
            return
        }
        let words = result?["content"]?.array?.first?["text"]?.string
        self = words == Self.counted ? .answered : .other("another answer than the server's")
    }
}
