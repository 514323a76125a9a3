package import InterlockJSON
package import InterlockModel

/// What a webhook gets: the alert's form, signed for a receiver that shares a secret.
package struct WebhookMessage: Sendable, Equatable {
    package let body: [UInt8]
    /// Of the header `Interlock-Signature`: `t=<unix>,v1=<hex HMAC-SHA256 of t.body>`.
    package let signature: String

    /// - Parameters:
    ///   - now: of this try; a receiver refuses what is old.
    ///   - code: HMAC-SHA256 under the channel's secret.
    package init(_ alert: JSONValue, now: Timestamp, code: ([UInt8]) -> [UInt8]) {
        body = alert.serialized()
        let signed = Array("\(now.seconds).".utf8) + body
        signature = "t=\(now.seconds),v1=\(Hex.encode(code(signed)))"
    }
}

/// What an incoming webhook of Slack gets. Nothing in it can mention people or channels: `&`, `<` and `>` are
/// escaped, as Slack asks for. What others chose is no link either: `://` in the summary is broken by a mark.
package struct SlackMessage: Sendable, Equatable {
    package let body: [UInt8]

    /// - Parameter held: earlier alerts of its key that nobody was told of.
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
