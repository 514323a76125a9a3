package import InterlockJSON
import InterlockModel

/// Pages of tools/list. The cursor says where a page starts in one generation of one list; a cursor of
/// another generation is bad, so that no page mixes two.
package enum ToolList {
    package static let pageSize = 100

    /// - Parameter tools: all that this caller sees, sorted by name.
    /// - Throws: -32602 for a cursor that was not made for this generation of the list.
    package static func page(
        of tools: [JSONObject], cursor: String?, generation: UInt64
    ) throws(JSONRPCError) -> JSONObject {
        let start =
            try cursor.map { text throws(JSONRPCError) in
                try offset(text, generation: generation, count: tools.count)
            } ?? 0
        let end = min(start + pageSize, tools.count)
        var result: JSONObject = ["tools": .array(tools[start..<end].map(JSONValue.object))]
        if end < tools.count {
            result["nextCursor"] = .string(makeCursor(offset: end, generation: generation))
        }
        return result
    }

    static func makeCursor(offset: Int, generation: UInt64) -> String {
        let bytes = [generation, UInt64(offset)].flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * $0)) }
        }
        return Base64.encodeURL(bytes)
    }

    private static func offset(
        _ cursor: String, generation: UInt64, count: Int
    ) throws(JSONRPCError) -> Int {
        guard cursor.utf8.count <= 64, let bytes = Base64.decodeURL(cursor), bytes.count == 16
        else {
            throw JSONRPCError.invalid("unknown cursor")
        }
        func word(_ range: Range<Int>) -> UInt64 {
            bytes[range].reduce(0) { $0 << 8 | UInt64($1) }
        }
        guard word(0..<8) == generation, word(8..<16) > 0, word(8..<16) < UInt64(count) else {
            throw JSONRPCError.invalid("unknown cursor")
        }
        return Int(word(8..<16))
    }
}
