package import InterlockJSON
import InterlockModel

/// The pages of a list. The cursor encodes the start of a page and the generation of the list. A cursor of another
/// generation is rejected, so that pages of different generations are never mixed.
package enum OfferPage {
    /// A page ends after the feature that makes it exceed this number. A list of thousands of tools is one page, because
    /// some hosts read no further; a page has at most this number of bytes and one feature.
    static let thresholdBytes = 1 << 20

    /// - Parameters:
    ///   - count: the number of features that are visible to this caller.
    ///   - generation: a number that differs for each list and after each change of it.
    ///   - shown: returns the feature at a position from 0 to `count` - 1, in the form for this caller, and its bytes.
    /// - Throws: -32602 if the cursor does not belong to this generation of the list.
    package static func page(
        _ count: Int, of list: FeatureListMethod, cursor: String?, generation: UInt64,
        _ shown: (Int) -> (feature: JSONObject, bytes: Int)
    ) throws(JSONRPCError) -> JSONObject {
        let start =
            try cursor.map { text throws(JSONRPCError) in
                try offset(text, generation: generation, count: count)
            } ?? 0
        var page: [JSONValue] = []
        var taken = 0
        for place in start..<count where taken <= thresholdBytes {
            let (feature, size) = shown(place)
            page.append(.object(feature))
            taken += size
        }
        var result: JSONObject = [:]
        result[list.member] = .array(page)
        let end = start + page.count
        if end < count {
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
        func word(_ range: Range<Int>) -> UInt64 { bytes[range].reduce(0) { $0 << 8 | UInt64($1) } }
        guard word(0..<8) == generation, word(8..<16) > 0, word(8..<16) < UInt64(count) else {
            throw JSONRPCError.invalid("unknown cursor")
        }
        return Int(word(8..<16))
    }
}
