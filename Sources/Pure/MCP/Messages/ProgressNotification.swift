package import InterlockJSON

/// How far a server says that a call is, on its way to the caller. Numbers are numbers, written anew, so that no
/// text hides in them; the message is untrusted text, cut to a size that no caller has to fear.
package struct ProgressNotification: Sendable {
    /// Of `message`, as JSON writes it.
    package static let maximumBytes = LogMessage.maximumBytes

    /// Finite.
    package let progress: Double
    private let progressJSON: JSONValue
    private let total: JSONValue?
    private let message: String?

    /// - Parameter params: of `notifications/progress`.
    /// - Returns: nil where `progress` is no number, or another member that the protocol knows is of another
    ///   type; null stands for a member that is not there.
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
        case .string(let text)?: message = NoticeText.cut(text, to: Self.maximumBytes)
        default: return nil
        }
    }

    /// `notifications/progress` under the caller's own token, with the members that its version knows.
    package func notification(token: RequestID, version: ProtocolVersion) -> [UInt8] {
        var params: JSONObject = ["progressToken": token.json]
        params["progress"] = progressJSON
        params["total"] = total
        if version >= .v2025_03_26 { params["message"] = message.map(JSONValue.string) }
        return JSONRPCWriter.notification(method: "notifications/progress", params: params)
    }

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
