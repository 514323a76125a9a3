package import InterlockJSON

/// The `notifications/resources/updated` notification: a resource has changed. It does not contain the new content,
/// which the client must read.
package enum ResourceUpdatedNotification {
    /// - Parameters:
    ///   - uri: the URI as the client wrote it.
    ///   - meta: the `_meta` of its subscription, in the modern era.
    package static func updated(_ uri: String, meta: JSONObject? = nil) -> [UInt8] {
        var params: JSONObject = ["uri": .string(uri)]
        params["_meta"] = meta.map(JSONValue.object)
        return JSONRPCWriter.notification(method: "notifications/resources/updated", params: params)
    }
}
