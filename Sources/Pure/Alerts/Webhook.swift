package import InterlockJSON
package import InterlockModel

/// The body and the signature of a webhook request; the receiver shares the channel's secret.
package struct WebhookMessage: Sendable, Equatable {
    package let body: [UInt8]
    /// The value of the header `Interlock-Signature`: `t=<unix>,v1=<hex HMAC-SHA256 of t.body>`.
    package let signature: String

    /// - Parameters:
    ///   - now: the time of this attempt; a receiver rejects old ones.
    ///   - code: computes HMAC-SHA256 under the channel's secret.
    package init(_ alert: JSONValue, now: Timestamp, code: ([UInt8]) -> [UInt8]) {
        body = alert.serialized()
        let signed = Array("\(now.seconds).".utf8) + body
        signature = "t=\(now.seconds),v1=\(Hex.encode(code(signed)))"
    }
}

/// The message for an incoming webhook of Slack. It cannot mention people or channels: `&`, `<` and `>` are escaped, as
/// Slack requires. Foreign text cannot become a link: `://` is broken by a mark.
package struct SlackMessage: Sendable, Equatable {
    package let body: [UInt8]

    /// - Parameter held: the number of earlier notifications with its key that were not delivered.
    package init(_ alert: OutgoingNotification, held: Int = 0) {
        var text = "*\(alert.severity.rawValue)* \(Self.escaped(alert.kind))"
        text += "\n" + Self.escaped(alert.summary.text.unlinked)
        if held > 0 { text += "\nheld back before it: \(held)" }
        if let arguments = alert.facts["arguments"]?.string {
            text += "\n" + Self.escaped(NotificationText(shown: arguments).text.unlinked)
        }
        if let requests = alert.facts[OutgoingNotification.requestsFact]?.string {
            text += "\n" + Self.escaped(NotificationText(shown: requests).text.unlinked)
        }
        if let url = alert.facts["url"]?.string, !url.contains(where: { "<>|\n".contains($0) }) {
            text += "\n<\(Self.escaped(url))>"
        }
        body = JSONValue.object([
            "text": .string(text), "link_names": false, "unfurl_links": false,
            "unfurl_media": false,
        ]).serialized()
    }

    static func escaped(_ text: String) -> String {
        var output = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            default: output.unicodeScalars.append(character)
            }
        }
        return output
    }
}
