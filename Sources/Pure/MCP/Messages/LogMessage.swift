package import InterlockJSON

/// A server's log message for a caller that requested log messages. It is untrusted text, cut to a safe size.
package struct LogMessage: Sendable {
    /// The maximum size of `data` as JSON text, in bytes (docs/specs/mcp.md, section 6).
    package static let maximumBytes = 8 << 10
    static let maximumLoggerBytes = 256

    package let level: LogLevel
    private let logger: String?
    private let data: JSONValue

    /// - Parameter params: the parameters of `notifications/message`.
    /// - Returns: nil if the level is unknown or `data` is absent.
    package init?(_ params: JSONObject) {
        guard let level = params["level"]?.string.flatMap(LogLevel.init(rawValue:)),
            let data = params["data"]
        else { return nil }
        self.level = level
        logger = params["logger"]?.string.map { NoticeText.cut($0, to: Self.maximumLoggerBytes) }
        self.data = Self.bounded(data)
    }

    /// The `notifications/message` notification, with only the members that the protocol defines.
    package var notification: [UInt8] {
        var params: JSONObject = ["level": .string(level.rawValue)]
        params["logger"] = logger.map(JSONValue.string)
        params["data"] = data
        return JSONRPCWriter.notification(method: "notifications/message", params: params)
    }

    /// Replaces data that is too large with the beginning of its text.
    private static func bounded(_ data: JSONValue) -> JSONValue {
        let bytes = data.serialized()
        if bytes.count <= maximumBytes { return data }
        return .string(
            NoticeText.cut(data.string ?? String(decoding: bytes, as: UTF8.self), to: maximumBytes))
    }
}

/// Cuts a server's text in a notification to a size.
enum NoticeText {
    /// - Parameter limitBytes: the limit on the text as JSON, quotes included, in bytes.
    /// - Returns: the text, or its beginning and `...`.
    static func cut(_ text: String, to limitBytes: Int) -> String {
        let end = "..."
        var left = limitBytes - end.utf8.count - 2
        var kept = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\0"..<" ": left -= 6
            case "\"", "\\": left -= 2
            default: left -= UTF8.width(scalar)
            }
            guard left >= 0 else { return String(kept) + end }
            kept.append(scalar)
        }
        return text
    }
}
