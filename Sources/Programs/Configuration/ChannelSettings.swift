package import InterlockAlerts
import InterlockCredentials
import InterlockPolicy

/// One notification channel as configured in `interlock.yaml`.
package struct ChannelSettings: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// The webhook's URL, and the name of the secret that signs messages to it.
        case webhook(url: String, secret: String)
        /// The name of the secret that holds the address of an incoming webhook.
        case slack(secret: String)
        case email(MailSettings)
        /// A program and its arguments.
        case exec([String])
    }
    package let name: ChannelName
    package let way: Kind
    /// If true, the channel receives every notification that must wake a person.
    package let isPage: Bool

    /// The channel that receives every notification of an alert.
    package static let ops = "ops"
    package static let most = 32

    /// The name of the secret that the channel needs. Is nil if it needs no secret.
    package var secret: String? {
        switch way {
        case .webhook(_, let secret), .slack(let secret): secret
        case .email(let mail): mail.secret
        case .exec: nil
        }
    }

    /// Is true if the channel can deliver a notification that is addressed to no particular person.
    package var reachesOperators: Bool {
        if case .email(let mail) = way { !mail.to.isEmpty } else { true }
    }
}

package struct MailSettings: Sendable, Equatable {
    /// `smtps://host:465` or `smtp://host:587`.
    package let smtp: String
    package let from: MailAddress
    /// The fixed recipients. If empty, mail goes only to the people who are to decide.
    package let to: [MailAddress]
    package let user: String?
    /// The name of the password's secret. Is nil without a user.
    package let secret: String?
}

extension Setting {
    /// `[{name: ops, slack: {secret: NAME}, page: true}]`
    static func channels(
        _ name: String, _ path: Path<[ChannelSettings]>, _ about: String
    ) -> Setting {
        list(
            name, path, about,
            form:
                "list of `{name, page}` with `webhook: {url, secret}`, `slack: {secret}`, `email: {smtp, from, to, user, secret}` or `exec: [PROGRAM, ...]`",
            expected: "a list of at most \(ChannelSettings.most) channels",
            most: ChannelSettings.most, text: ChannelText.text
        ) { (node, channels) throws(ValueError) in
            let channel = try ChannelText.read(node)
            guard !channels.contains(where: { $0.name == channel.name }) else {
                throw ValueError(
                    expected: "a list without duplicate names; found `\(channel.name)` twice")
            }
            channels.append(channel)
        }
    }

    /// `[ops, approvers]`
    static func channelNames(
        _ name: String, _ path: Path<[ChannelName]>, _ about: String
    ) -> Setting {
        list(
            name, path, about, form: "list of names of `alerts.channels`",
            expected: "a list of names of channels, such as [ops, approvers]", text: \.text
        ) { (node, names) throws(ValueError) in
            guard let name = node.scalarText.flatMap({ ChannelName($0) }), !names.contains(name)
            else {
                throw ValueError(expected: "a list of names of channels, each once, such as [ops]")
            }
            names.append(name)
        }
    }
}

extension Configuration {
    /// The first problem that two settings cause together, with the setting to correct. Is nil if they are
    /// consistent.
    var channelProblem: (section: String, setting: String, problem: String, help: String)? {
        let channels = alerts.channels
        if let stranger = approvals.notify.first(where: { name in
            !channels.contains { $0.name == name }
        }) {
            return (
                "approval_service", "notify",
                "names `\(stranger)`, which is not in `alerts.channels`",
                "channels: " + channels.map(\.name.text).joined(separator: ", ")
            )
        }
        if let silent = channels.first(where: {
            ($0.name.text == ChannelSettings.ops || $0.isPage) && !$0.reachesOperators
        }) {
            return (
                "alerts", "channels",
                "has `\(silent.name)`, which is to hear of alarms, and its `email` has no `to`",
                "say to whom it writes; without `to` a channel writes to approvers alone"
            )
        }
        return nil
    }
}
