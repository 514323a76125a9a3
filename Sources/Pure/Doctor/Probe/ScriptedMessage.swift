package import InterlockJSON

/// One response of the scripted model in the form of the Messages API: one block of text, or one call of a tool.
package struct ScriptedMessage: Sendable {
    enum Block {
        case text(String)
        case call(id: String, tool: String, input: JSONValue)
    }

    private let block: Block
    private let model: JSONValue
    /// True if the client asked for server-sent events.
    package let isStreamed: Bool

    init(_ block: Block, for request: JSONValue) {
        self.block = block
        model = request["model"] ?? "scripted"
        isStreamed = request["stream"]?.bool == true
    }

    /// The response without streaming.
    package var whole: JSONValue {
        var message = head
        switch block {
        case .text(let text): message["content"] = [["type": "text", "text": .string(text)]]
        case .call(let id, let tool, let input):
            message["content"] = [Self.call(id, tool, input)]
        }
        message["stop_reason"] = stopReason
        return .object(message)
    }

    /// The bytes of each server-sent event, in their order.
    package var events: [[UInt8]] {
        let started: JSONValue
        let delta: JSONValue
        switch block {
        case .text(let text):
            started = ["type": "text", "text": ""]
            delta = ["type": "text_delta", "text": .string(text)]
        case .call(let id, let tool, let input):
            started = Self.call(id, tool, [:])
            delta = [
                "type": "input_json_delta",
                "partial_json": .string(String(decoding: input.serialized(), as: UTF8.self)),
            ]
        }
        return [
            ("message_start", ["message": .object(head)]),
            ("content_block_start", ["index": 0, "content_block": started]),
            ("content_block_delta", ["index": 0, "delta": delta]),
            ("content_block_stop", ["index": 0]),
            (
                "message_delta",
                [
                    "delta": ["stop_reason": stopReason, "stop_sequence": .null],
                    "usage": ["output_tokens": 1],
                ]
            ),
            ("message_stop", [:]),
        ].map(Self.event)
    }

    private var stopReason: JSONValue {
        if case .call = block { "tool_use" } else { "end_turn" }
    }

    private var head: JSONObject {
        [
            "id": "msg_probe", "type": "message", "role": "assistant", "model": model,
            "content": [], "stop_reason": .null, "stop_sequence": .null,
            "usage": ["input_tokens": 1, "output_tokens": 1],
        ]
    }

    private static func call(_ id: String, _ tool: String, _ input: JSONValue) -> JSONValue {
        ["type": "tool_use", "id": .string(id), "name": .string(tool), "input": input]
    }

    private static func event(_ type: String, _ members: JSONObject) -> [UInt8] {
        var data: JSONObject = ["type": .string(type)]
        for (key, value) in members.members { data[key] = value }
        return Array("event: \(type)\ndata: ".utf8) + JSONValue.object(data).serialized()
            + Array("\n\n".utf8)
    }
}
