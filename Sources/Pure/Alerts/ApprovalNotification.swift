package import InterlockJSON
package import InterlockModel

/// The notification of an approval request (docs/specs/approvals.md, section 8): its id, the agent, the tool, the tier
/// and the deadline. The arguments are shown only on the page, unless an operator includes them.
package struct ApprovalNotification: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case requested = "approval.requested"
        case escalated = "approval.escalated"
        /// Something that the request depends on changed: votes so far are void.
        case reissued = "approval.reissued"
        case brokenGlass = "approval.breakglass"
        case approved = "approval.approved"
        case denied = "approval.denied"
        case expired = "approval.expired"
        case withdrawn = "approval.withdrawn"
        case void = "approval.void"

        /// True if a person must decide from now on.
        package var asks: Bool {
            switch self {
            case .requested, .escalated, .reissued, .brokenGlass: true
            case .approved, .denied, .expired, .withdrawn, .void: false
            }
        }
    }

    package let kind: Kind
    package let request: ApprovalID
    package let revision: Int
    /// The run whose call waits.
    package let run: RunID?
    package let agent: AgentName
    package let tool: ToolAddress
    package let tier: Tier
    package let deadline: Timestamp
    /// The displayed arguments, or nil if they are withheld.
    package let arguments: JSONValue?

    /// The most bytes of the arguments that are sent.
    package static let longestArguments = 2_000

    package init(
        _ kind: Kind, request: ApprovalID, revision: Int, run: RunID? = nil, agent: AgentName,
        tool: ToolAddress, tier: Tier, deadline: Timestamp, arguments: JSONValue? = nil
    ) {
        self.kind = kind
        self.request = request
        self.revision = revision
        self.run = run
        self.agent = agent
        self.tool = tool
        self.tier = tier
        self.deadline = deadline
        self.arguments = arguments
    }

    /// Makes the notification, for one recipient or for a channel as a whole. Notifications to different recipients do
    /// not delay each other.
    ///
    /// - Parameters:
    ///   - url: the URL of the request's page.
    ///   - recipient: the only recipient, or nil for a channel without single recipients.
    package func alert(
        _ id: AlertID, at now: Timestamp, url: String?, to recipient: MailAddress? = nil
    ) -> OutgoingNotification? {
        var facts: JSONObject = [
            "request": .string(request.shown), "agent": .string(agent.text),
            "tool": .string(tool.wireName), "tier": .string(tier.rawValue),
            "deadline": .string(deadline.rfc3339(fractionDigits: 0)),
        ]
        facts["run"] = run.map { .string($0.text) }
        facts["url"] = url.map(JSONValue.string)
        facts["arguments"] = arguments.map { .string(Self.shown($0)) }
        facts[OutgoingNotification.recipientFact] = recipient.map { .string($0.text) }
        return OutgoingNotification(
            id: id, dedupe: "\(kind.rawValue)/\(request.text)/\(revision)",
            severity: kind == .brokenGlass ? .page : kind.asks ? .high : .info,
            kind: kind.rawValue, at: now, summary: summary, facts: facts)
    }

    private var summary: NotificationText {
        let (agent, tool, id) = (agent.text, tool.wireName, request.shown)
        return switch kind {
        case .requested:
            "\(agent) asks to call \(tool), tier \(tier): decide \(id) until \(deadline)"
        case .escalated:
            "no decision on \(id) yet: \(agent) asks to call \(tool), tier \(tier), until \(deadline)"
        case .reissued:
            "\(id) is shown anew, votes so far are void: \(agent) asks to call \(tool), tier \(tier), until \(deadline)"
        case .brokenGlass:
            "one person is enough for \(id) by break-glass: \(agent) asks to call \(tool), tier \(tier), until \(deadline)"
        case .approved: "\(id) was approved: \(agent), \(tool), tier \(tier)"
        case .denied: "\(id) was denied: \(agent), \(tool), tier \(tier)"
        case .expired: "\(id) ran out of time: \(agent), \(tool), tier \(tier)"
        case .withdrawn: "\(id) was taken back by its agent: \(agent), \(tool), tier \(tier)"
        case .void: "\(id) is void, something it rested on changed: \(agent), \(tool), tier \(tier)"
        }
    }

    private static func shown(_ arguments: JSONValue) -> String {
        let bytes = arguments.serialized()
        let text = String(decoding: bytes.prefix(longestArguments), as: UTF8.self)
        return bytes.count > longestArguments ? text + "..." : text
    }
}
