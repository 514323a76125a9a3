import InterlockJSON
import InterlockLedger
import InterlockModel
import Testing

@testable import InterlockTracing

/// Records of calls, as the log has them.
enum SpanFixture {
    static let run = "01kag0q9m2c4e6g8j0k2n4p6r8"
    static let time: Int64 = 1_800_000_000_000_000

    static func digest(_ byte: UInt8) throws -> Digest {
        try #require(Digest(bytes: [UInt8](repeating: byte, count: 32)))
    }

    /// The call with this number, which began 10 ms before `time`.
    static func call(_ number: UInt8 = 1) -> CallID {
        CallID(
            milliseconds: time / 1_000 - 10, random: [UInt8](repeating: 0, count: 9) + [number])
    }

    static func record(_ type: String, _ fields: JSONObject) throws -> StoredRecord {
        var object: JSONObject = ["v": 1, "t": .string(type), "ts": .integer(time), "node": "gw1"]
        for (name, value) in fields.members { object[name] = value }
        return try StoredRecord(parsing: try JSONValue.object(object).canonical())
    }

    static func intent(
        _ number: UInt8 = 1, tool: String = "crm__read_ticket", dec: String = "allow"
    ) throws -> StoredRecord {
        try record(
            "call.intent",
            [
                "run": .string(run), "agent": "refunds", "call": .string(call(number).text),
                "tool": .string(tool), "dec": .string(dec), "rule": "agents.refunds.allow[0]",
                "pol": .string(try digest(3).base64), "risk": "read", "dl": "D0",
                "args": ["b": "c2VjcmV0", "c": "c2VjcmV0", "n": 6],
            ])
    }

    static func outcome(
        _ number: UInt8 = 1, _ status: String = "ok", _ code: String = "0",
        _ more: JSONObject = [:]
    ) throws -> StoredRecord {
        var fields: JSONObject = [
            "run": .string(run), "agent": "refunds", "call": .string(call(number).text),
            "intent": .string(try digest(1).base64), "st": .string(status), "code": .string(code),
            "dur": 2_500,
        ]
        for (name, value) in more.members { fields[name] = value }
        return try record("call.outcome", fields)
    }

    /// A span of one call that went well.
    static func span(_ number: UInt8 = 1) throws -> CallSpan {
        var assembler = CallSpanAssembler()
        _ = assembler.take(try intent(number), hash: try digest(1))
        guard case .span(let span) = assembler.take(try outcome(number), hash: try digest(2)) else {
            throw Missing()
        }
        return span
    }

    struct Missing: Error {}
}
