package import InterlockJSON

/// A server's progress notification for the caller. Its numbers are parsed and rewritten, so that they cannot carry
/// text; the message is untrusted text, cut to a safe size.
package struct ProgressNotification: ServerNotice {
    /// The maximum size of `message` as JSON text, in bytes.
    package static let maximumBytes = LogMessage.maximumBytes

    /// The progress, always finite.
    package let progress: Double
    private let progressJSON: JSONValue
    private let total: JSONValue?
    private var message: NoticeBody?

    /// - Parameter params: the parameters of `notifications/progress`.
    /// - Returns: nil if `progress` is not a number, or if another member that the protocol defines has another type;
    ///   null counts as absent.
    package init?(_ params: JSONObject) {
        guard let (progress, json) = Self.number(params["progress"]) else { return nil }
        self.progress = progress
        progressJSON = json
        switch params["total"] {
        case nil, .null?: total = nil
        case let value?:
            guard let (_, json) = Self.number(value) else { return nil }
            total = json
        }
        switch params["message"] {
        case nil, .null?: message = nil
        case .string(let text)?: message = NoticeBody(text)
        default: return nil
        }
    }

    /// Returns `notifications/progress` with the caller's own token and the members that its version defines.
    package func notification(token: RequestID, version: ProtocolVersion) -> [UInt8] {
        var params: JSONObject = ["progressToken": token.json]
        params["progress"] = progressJSON
        params["total"] = total
        if version >= .v2025_03_26 {
            params["message"] = message.map { .string($0.cut(to: Self.maximumBytes)) }
        }
        return JSONRPCWriter.notification(method: "notifications/progress", params: params)
    }

    package var document: JSONValue {
        var document: JSONObject = ["progress": progressJSON]
        document["total"] = total
        document["message"] = message.map { .string($0.text) }
        return .object(document)
    }

    package func replaced(by copy: JSONValue) -> ProgressNotification? {
        guard let text = copy["message"]?.string, message?.isWhole == true else { return nil }
        var notice = self
        notice.message = NoticeBody(text)
        return notice.document == copy ? notice : nil
    }

    package var strings: [String] { message.map { [$0.text] } ?? [] }
    package var shownStrings: [String] { message.map { [$0.shown(in: Self.maximumBytes)] } ?? [] }
    package var sender: String? { nil }
    package var shownSender: String? { nil }

    private static func number(_ value: JSONValue?) -> (double: Double, json: JSONValue)? {
        switch value {
        case .integer(let number)?: return (Double(number), .integer(number))
        case .number(let number)?:
            guard let anew = JSONNumber(number.double) else { return nil }
            return (anew.double, .number(anew))
        case nil, .null?, .bool?, .string?, .array?, .object?: return nil
        }
    }
}
