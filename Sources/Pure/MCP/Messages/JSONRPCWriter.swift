package import InterlockJSON

/// Writes responses, notifications and the gateway's own requests as compact JSON without a newline, so that each is
/// one line on stdio and one data field of an event.
package enum JSONRPCWriter {
    package static func result(id: RequestID, _ result: JSONObject) -> [UInt8] {
        var output = head(id)
        output.append(contentsOf: #","result":"#.utf8)
        result.appendSerialized(to: &output)
        output.append(UInt8(ascii: "}"))
        return output
    }

    /// - Parameter id: the request's id, or nil if it could not be read; nil is written as null.
    package static func error(id: RequestID?, _ error: JSONRPCError) -> [UInt8] {
        var output = head(id)
        output.append(contentsOf: #","error":"#.utf8)
        error.json.appendSerialized(to: &output)
        output.append(UInt8(ascii: "}"))
        return output
    }

    package static func request(id: RequestID, method: String, params: JSONObject) -> [UInt8] {
        var output = head(id)
        output.append(contentsOf: #","method":"#.utf8)
        JSONValue.string(method).appendSerialized(to: &output)
        output.append(contentsOf: #","params":"#.utf8)
        params.appendSerialized(to: &output)
        output.append(UInt8(ascii: "}"))
        return output
    }

    package static func notification(method: String, params: JSONObject) -> [UInt8] {
        var output = Array(#"{"jsonrpc":"2.0","method":"#.utf8)
        JSONValue.string(method).appendSerialized(to: &output)
        if !params.isEmpty {
            output.append(contentsOf: #","params":"#.utf8)
            params.appendSerialized(to: &output)
        }
        output.append(UInt8(ascii: "}"))
        return output
    }

    /// Joins the responses of a batch, in any order.
    package static func batch(_ answers: [[UInt8]]) -> [UInt8] {
        var output: [UInt8] = [UInt8(ascii: "[")]
        output.append(contentsOf: answers.joined(separator: CollectionOfOne(UInt8(ascii: ","))))
        output.append(UInt8(ascii: "]"))
        return output
    }

    private static func head(_ id: RequestID?) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(512)
        output.append(contentsOf: #"{"jsonrpc":"2.0","id":"#.utf8)
        (id?.json ?? .null).appendSerialized(to: &output)
        return output
    }
}
