package import InterlockJSON

/// A log message of a server on its way to a caller that asked for it. Untrusted text, cut to a size that
/// no caller has to fear.
package struct LogMessage: Sendable {
    /// Of `data`, as JSON writes it (specs of MCP, section 6).
    package static let maximumBytes = 8 << 10
    static let maximumLoggerBytes = 256

    package let level: LogLevel
    private let logger: String?
    private let data: JSONValue

    /// - Parameter params: of `notifications/message`.
    /// - Returns: nil where the level is none of the eight, or there is no data.
    package init?(_ params: JSONObject) {
        guard let level = params["level"]?.string.flatMap(LogLevel.init(rawValue:)),
            let data = params["data"]
        else { return nil }
        self.level = level
        logger = params["logger"]?.string.map { NoticeText.cut($0, to: Self.maximumLoggerBytes) }
        self.data = Self.bounded(data)
    }

    /// `notifications/message`, with the members that the protocol knows and no others.
    package var notification: [UInt8] {
        var params: JSONObject = ["level": .string(level.rawValue)]
        params["logger"] = logger.map(JSONValue.string)
        params["data"] = data
        return JSONRPCWriter.notification(method: "notifications/message", params: params)
    }

    /// What is too large becomes the beginning of its own text.
    private static func bounded(_ data: JSONValue) -> JSONValue {
        let bytes = data.serialized()
        if bytes.count <= maximumBytes { return data }
        return .string(
            NoticeText.cut(
                data.string ?? String(decoding: bytes, as: UTF8.self), to: maximumBytes))
    }
}
