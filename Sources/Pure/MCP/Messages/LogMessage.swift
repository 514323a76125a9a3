package import InterlockJSON
import InterlockModel

/// A server's log message for a caller that requested log messages. It is untrusted text, cut to a safe size.
package struct LogMessage: ServerNotice {
    /// The maximum size of `data` as JSON text, in bytes (docs/specs/mcp.md, section 6).
    package static let maximumBytes = 8 << 10
    static let maximumLoggerBytes = 256

    package let level: LogLevel
    private let logger: NoticeBody?
    private var data: JSONValue
    /// False if `data` is a text of which only the beginning is kept.
    private let isWhole: Bool

    /// - Parameter params: the parameters of `notifications/message`.
    /// - Returns: nil if the level is unknown or `data` is absent.
    package init?(_ params: JSONObject) {
        guard let level = params["level"]?.string.flatMap(LogLevel.init(rawValue:)),
            let data = params["data"]
        else { return nil }
        self.level = level
        logger = params["logger"]?.string.map(NoticeBody.init)
        let body = data.string.map(NoticeBody.init)
        self.data = body.map { .string($0.text) } ?? data
        isWhole = body?.isWhole ?? true
    }

    /// The `notifications/message` notification, with only the members that the protocol defines.
    package var notification: [UInt8] {
        var params: JSONObject = ["level": .string(level.rawValue)]
        params["logger"] = logger.map { .string($0.cut(to: Self.maximumLoggerBytes)) }
        params["data"] = bounded
        return JSONRPCWriter.notification(method: "notifications/message", params: params)
    }

    /// The data or, if it is too large, the beginning of its text.
    private var bounded: JSONValue {
        let bytes = data.serialized()
        if bytes.count <= Self.maximumBytes { return data }
        return .string(NoticeText.cut(text(bytes), to: Self.maximumBytes))
    }

    private func text(_ bytes: [UInt8]) -> String {
        data.string ?? String(decoding: bytes, as: UTF8.self)
    }

    package var document: JSONValue {
        var document: JSONObject = ["data": data]
        document["logger"] = logger.map { .string($0.text) }
        return .object(document)
    }

    package func replaced(by copy: JSONValue) -> LogMessage? {
        guard let data = copy["data"], isWhole else { return nil }
        var message = self
        message.data = data
        return message.document == copy ? message : nil
    }

    package var strings: [String] {
        let texts = ResultTexts(data)
        return texts.strings.map { texts.texts[$0] }
    }

    package var shownStrings: [String] {
        let bytes = data.serialized()
        guard bytes.count > Self.maximumBytes else { return strings }
        return [NoticeBody(text(bytes)).shown(in: Self.maximumBytes)]
    }

    /// Data that is too large is shown as the beginning of its JSON, which has the names.
    package var shownTexts: [String] {
        guard data.serialized().count <= Self.maximumBytes else { return shownStrings }
        return ResultTexts(data).texts
    }

    package var sender: String? { logger?.text }
    package var shownSender: String? { logger?.shown(in: Self.maximumLoggerBytes) }
}

/// Cuts a server's text in a notification to a size.
enum NoticeText {
    static let dots = "..."

    /// - Parameter limitBytes: the limit on the text as JSON, quotes included, in bytes.
    /// - Returns: the text, or its beginning and `...`.
    static func cut(_ text: String, to limitBytes: Int) -> String {
        var left = limitBytes - dots.utf8.count - 2
        var kept = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\0"..<" ": left -= 6
            case "\"", "\\": left -= 2
            default: left -= UTF8.width(scalar)
            }
            guard left >= 0 else { return String(kept) + dots }
            kept.append(scalar)
        }
        return text
    }
}
