import InterlockAlerts
import InterlockCredentials
import InterlockPolicy

/// The notation of a channel in `interlock.yaml`.
enum ChannelText {
    private static let ways = ["webhook", "slack", "email", "exec"]

    static func text(_ channel: ChannelSettings) -> String {
        let way =
            switch channel.way {
            case .webhook(let url, let secret): "webhook: {url: \"\(url)\", secret: \(secret)}"
            case .slack(let secret): "slack: {secret: \(secret)}"
            case .email(let mail): "email: " + text(mail)
            case .exec(let words): "exec: " + Notation.list(words.map(Notation.quoted))
            }
        return "{name: \(channel.name), \(way), page: \(channel.isPage)}"
    }

    private static func text(_ mail: MailSettings) -> String {
        var parts = ["smtp: \"\(mail.smtp)\"", "from: \"\(mail.from.text)\""]
        if !mail.to.isEmpty {
            parts.append("to: " + Notation.list(mail.to.map { Notation.quoted($0.text) }))
        }
        if let user = mail.user { parts.append("user: \"\(user)\"") }
        if let secret = mail.secret { parts.append("secret: \(secret)") }
        return Notation.map(parts)
    }

    static func read(_ node: YAMLNode) throws(Setting.ValueError) -> ChannelSettings {
        let fields = try members(node, ["name", "page"] + ways)
        guard let name = try fields.text("name").flatMap({ ChannelName($0) }) else {
            throw fields.error("with a `name` of a-z, 0-9 and `-`, such as {name: ops, ...}")
        }
        let named = ways.filter { fields[$0] != nil }
        guard named.count == 1, let way = named.first, let node = fields[way] else {
            throw fields.error("with one of \(ways.joined(separator: ", ")); `\(name)` has not one")
        }
        let kind = try read(way, node)
        guard let isPage = Bool(try fields.text("page") ?? "false") else {
            throw fields.error("whose `page` is true or false")
        }
        return ChannelSettings(name: name, way: kind, isPage: isPage)
    }

    private static func read(
        _ way: String, _ node: YAMLNode
    ) throws(Setting.ValueError) -> ChannelSettings.Kind {
        switch way {
        case "webhook":
            let fields = try members(node, ["url", "secret"])
            return .webhook(url: try fields.url("url"), secret: try secret(fields))
        case "slack": return .slack(secret: try secret(try members(node, ["secret"])))
        case "exec": return .exec(try program(node))
        default:
            return .email(try mail(try members(node, ["smtp", "from", "to", "user", "secret"])))
        }
    }

    /// The program must have an absolute path, because a search in PATH could find another program later.
    private static func program(_ node: YAMLNode) throws(Setting.ValueError) -> [String] {
        let expected =
            "channels whose `exec` is a list of a program's whole path and its arguments, at most 32"
        let words = try node.elements(expected, most: 32).map(\.scalarText)
        let isPlain = words.allSatisfy { word in
            guard let word, word.utf8.count <= 4_096 else { return false }
            return word.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0 != "\"" && $0 != "\\" }
        }
        guard isPlain, words.first??.hasPrefix("/") == true else {
            throw Setting.ValueError(expected: expected)
        }
        return words.compactMap(\.self)
    }

    private static func mail(_ fields: Fields) throws(Setting.ValueError) -> MailSettings {
        func address(_ name: String, _ node: YAMLNode?) throws(Setting.ValueError) -> MailAddress {
            guard let node, let address = MailAddress(try fields.text(name, in: node)) else {
                throw fields.error("whose `\(name)` is an address such as interlock@acme.example")
            }
            return address
        }
        var to: [MailAddress] = []
        if let node = fields["to"] {
            let most = MailMessage.mostRecipients
            let nodes = try node.elements("channels whose `to` is a list of 1 to 100 addresses")
            guard (1...most).contains(nodes.count) else {
                throw fields.error("whose `to` is a list of 1 to 100 addresses")
            }
            for node in nodes { to.append(try address("to", node)) }
        }
        let user = try fields.text("user")
        guard (user == nil) == (fields["secret"] == nil) else {
            throw fields.error("whose `email` has both `user` and `secret`, or neither")
        }
        return MailSettings(
            smtp: try server(fields), from: try address("from", fields["from"]), to: to,
            user: user, secret: user == nil ? nil : try secret(fields))
    }

    /// Accepts only scheme, host and port: the user has a field of its own, and the password is a secret.
    private static func server(_ fields: Fields) throws(Setting.ValueError) -> String {
        guard let url = try? fields.text("smtp"),
            let scheme = ["smtps://", "smtp://"].first(where: url.hasPrefix)
        else {
            throw fields.error(
                "whose `smtp` is smtps://HOST:PORT, or smtp://HOST:PORT, where STARTTLS follows")
        }
        let rest = url.dropFirst(scheme.utf8.count)
        guard let colon = rest.lastIndex(of: ":"),
            let port = UInt16(rest[rest.index(after: colon)...]), port > 0,
            !rest[..<colon].isEmpty, !rest.contains(where: { "/@?#%".contains($0) })
        else { throw fields.error("whose `smtp` is a host and a port: `\(url)` is not") }
        return url
    }

    private static func secret(_ fields: Fields) throws(Setting.ValueError) -> String {
        guard let name = fields["secret"]?.scalarText, SecretProvider.isName(name) else {
            throw fields.error("whose `secret` is the name of a secret, never the secret itself")
        }
        return name
    }

    private static func members(
        _ node: YAMLNode, _ known: [String]
    ) throws(Setting.ValueError) -> Fields {
        try Fields(
            node, of: "channels", known,
            expected: "channels of `{\(known.joined(separator: ", "))}`")
    }
}
