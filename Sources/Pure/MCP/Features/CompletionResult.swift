package import InterlockJSON

/// An upstream server's result for completion/complete, with its structure checked.
package struct CompletionResult: Sendable {
    package let values: [String]
    package let total: Int64?
    package let hasMore: Bool?

    /// The maximum number of values that the protocol permits.
    package static let maximumValues = 100

    /// - Throws: `ToolResultError` if the result is not a CompleteResult; it is then withheld.
    package init(_ result: JSONObject) throws(ToolResultError) {
        guard let completion = result["completion"]?.object,
            let all = completion["values"]?.array, all.count <= Self.maximumValues
        else {
            throw ToolResultError(
                "`completion.values` must be an array of at most \(Self.maximumValues) strings")
        }
        var values: [String] = []
        for value in all {
            guard let text = value.string else {
                throw ToolResultError("`completion.values` must be strings")
            }
            values.append(text)
        }
        self.values = values
        total = completion["total"]?.integer
        if case .bool(let more)? = completion["hasMore"] { hasMore = more } else { hasMore = nil }
    }

    package var shown: JSONObject {
        var completion: JSONObject = ["values": .array(values.map(JSONValue.string))]
        completion["total"] = total.map(JSONValue.integer)
        completion["hasMore"] = hasMore.map(JSONValue.bool)
        return ["completion": .object(completion)]
    }
}
