import InterlockAlerts
import InterlockKeys
import InterlockPolicy

/// The notation of a channel in `interlock.yaml`.
enum ChannelText {
    private static let ways = ["webhook", "slack", "email", "exec"]
    private static let owners = "channels"

    static func text(_ channel: ChannelSettings) -> String {
        let way =
            switch channel.way {
            case .webhook(let url, let secret): "webhook: {url: \"\(url)\", secret: \(secret)}"
            case .slack(let secret): "slack: {secret: \(secret)}"
            case .email(let mail): "email: " + text(mail)
            case .exec(let words):
                "exec: [" + words.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
            }
        return "{name: \(channel.name), \(way), page: \(channel.isPage)}"
    }

    private static func text(_ mail: MailSettings) -> String {
        var parts = ["smtp: \"\(mail.smtp)\"", "from: \"\(mail.from.text)\""]
        if !mail.to.isEmpty {
            parts.append("to: [" + mail.to.map { "\"\($0.text)\"" }.joined(separator: ", ") + "]")
        }
        if let user = mail.user { parts.append("user: \"\(user)\"") }
        if let secret = mail.secret { parts.append("secret: \(secret)") }
        return "{" + parts.joined(separator: ", ") + "}"
    }

    static func read(_ node: YAMLNode) throws(Setting.ValueError) -> ChannelSettings {
        let fields = try members(node, ["name", "page"] + ways)
        guard
            let name = try fields["name"].map({ node throws(Setting.ValueError) in
                try word(node, "name")
            }).flatMap(ChannelName.init)
        else {
            throw misfit("with a `name` of a-z, 0-9 and `-`, such as {name: ops, ...}")
        }
        let named = ways.filter { fields[$0] != nil }
        guard named.count == 1, let way = named.first, let node = fields[way] else {
            throw misfit("with one of \(ways.joined(separator: ", ")); `\(name)` has not one")
        }
        return ChannelSettings(
            name: name, way: try read(way, node),
            isPage: try fields["page"].map { node throws(Setting.ValueError) in
                guard let flag = Bool(try word(node, "page")) else {
                    throw misfit("whose `page` is true or false")
                }
                return flag
            } ?? false)
    }

    private static func read(
        _ way: String, _ node: YAMLNode
    ) throws(Setting.ValueError) -> ChannelSettings.Kind {
        switch way {
        case "webhook":
            let fields = try members(node, ["url", "secret"])
            return .webhook(
                url: try IssuerText.url(fields["url"], "url", of: owners),
                secret: try secret(fields["secret"]))
        case "slack":
            return .slack(secret: try secret(try members(node, ["secret"])["secret"]))
        case "exec": return .exec(try program(node))
        default: return .email(try mail(node))
        }
    }

    /// The program must have an absolute path, because a search in PATH could find another program later.
    private static func program(_ node: YAMLNode) throws(Setting.ValueError) -> [String] {
        let form = "whose `exec` is a list of a program's whole path and its arguments, at most 32"
        guard case .sequence(let nodes) = node.content, (1...32).contains(nodes.count) else {
            throw misfit(form)
        }
        var words: [String] = []
        for node in nodes {
            guard case .scalar(let scalar) = node.content, scalar.text.utf8.count <= 4_096,
                scalar.text.unicodeScalars.allSatisfy({
                    $0.value >= 0x20 && $0 != "\"" && $0 != "\\"
                })
            else { throw misfit(form) }
            words.append(scalar.text)
        }
        guard words[0].hasPrefix("/") else { throw misfit(form) }
        return words
    }

    private static func mail(_ node: YAMLNode) throws(Setting.ValueError) -> MailSettings {
        let fields = try members(node, ["smtp", "from", "to", "user", "secret"])
        var to: [MailAddress] = []
        if let node = fields["to"] {
            guard case .sequence(let nodes) = node.content,
                (1...MailMessage.mostRecipients).contains(nodes.count)
            else { throw misfit("whose `to` is a list of 1 to 100 addresses") }
            for node in nodes { to.append(try address(node, "to")) }
        }
        let user = try fields["user"].map { node throws(Setting.ValueError) in
            try word(node, "user")
        }
        guard (user == nil) == (fields["secret"] == nil) else {
            throw misfit("whose `email` has both `user` and `secret`, or neither")
        }
        return MailSettings(
            smtp: try server(fields["smtp"]), from: try address(fields["from"], "from"), to: to,
            user: user, secret: user == nil ? nil : try secret(fields["secret"]))
    }

    /// Accepts only scheme, host and port: the user has a field of its own, and the password is a secret.
    private static func server(_ node: YAMLNode?) throws(Setting.ValueError) -> String {
        guard let node, let url = try? word(node, "smtp"),
            let scheme = ["smtps://", "smtp://"].first(where: url.hasPrefix)
        else {
            throw misfit(
                "whose `smtp` is smtps://HOST:PORT, or smtp://HOST:PORT, where STARTTLS follows")
        }
        let rest = url.dropFirst(scheme.utf8.count)
        guard let colon = rest.lastIndex(of: ":"),
            let port = UInt16(rest[rest.index(after: colon)...]), port > 0,
            !rest[..<colon].isEmpty, !rest.contains(where: { "/@?#%".contains($0) })
        else { throw misfit("whose `smtp` is a host and a port: `\(url)` is not") }
        return url
    }

    private static func address(
        _ node: YAMLNode?, _ name: String
    ) throws(Setting.ValueError) -> MailAddress {
        guard let node, let address = MailAddress(try word(node, name)) else {
            throw misfit("whose `\(name)` is an address such as interlock@acme.example")
        }
        return address
    }

    private static func secret(_ node: YAMLNode?) throws(Setting.ValueError) -> String {
        guard let node, case .scalar(let scalar) = node.content, SecretProvider.isName(scalar.text)
        else {
            throw misfit("whose `secret` is the name of a secret, never the secret itself")
        }
        return scalar.text
    }

    /// Returns nil for `{}`.
    static func deadMan(_ node: YAMLNode) throws(Setting.ValueError) -> DeadManSettings? {
        let fields = try members(node, ["url", "every"])
        guard !fields.isEmpty else { return nil }
        var settings = DeadManSettings(url: try IssuerText.url(fields["url"], "url", of: "deadman"))
        guard let every = fields["every"] else { return settings }
        let bounds = DeadManSettings.bounds
        guard case .scalar(let scalar) = every.content, let seconds = secondsOf(scalar.text),
            bounds.contains(seconds)
        else {
            throw Setting.ValueError(
                expected:
                    "an `every` from \(bounds.lowerBound)s to \(bounds.upperBound)s: a receiver waits for 3 min"
            )
        }
        settings.every = .seconds(seconds)
        return settings
    }

    private static func word(
        _ node: YAMLNode, _ name: String
    ) throws(Setting.ValueError) -> String {
        try IssuerText.text(node, name, of: owners)
    }

    private static func members(
        _ node: YAMLNode, _ known: [String]
    ) throws(Setting.ValueError) -> [String: YAMLNode] {
        guard case .mapping(let entries) = node.content else {
            throw misfit("of `{\(known.joined(separator: ", "))}`")
        }
        var fields: [String: YAMLNode] = [:]
        for entry in entries {
            guard known.contains(entry.key), fields[entry.key] == nil else {
                throw misfit(
                    "with the keys \(known.joined(separator: ", ")), each once; `\(entry.key)` is none"
                )
            }
            fields[entry.key] = entry.value
        }
        return fields
    }

    private static func misfit(_ rest: String) -> Setting.ValueError {
        Setting.ValueError(expected: "\(owners) \(rest)")
    }
}
