package import InterlockJSON

/// `notifications/resources/updated`: a resource is no more what it was. Not what it is now: that is read.
package enum ResourceUpdatedNotification {
    /// - Parameters:
    ///   - uri: as the client wrote it.
    ///   - meta: of the subscription that it belongs to, in the modern era.
    package static func updated(_ uri: String, meta: JSONObject? = nil) -> [UInt8] {
        var params: JSONObject = ["uri": .string(uri)]
        params["_meta"] = meta.map(JSONValue.object)
        return JSONRPCWriter.notification(
            method: "notifications/resources/updated", params: params)
    }
}
