import InterlockApprovals
import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts

/// The prompt for the caller of a waiting call, and the interpretation of its response. A caller's response never
/// approves, except where its consent is accepted.
struct ApprovalPrompt {
    enum Choice: Hashable {
        /// The caller opened the page or closed the form; people decide.
        case goOn
        /// The caller gives up; the request is withdrawn.
        case declined
        /// The caller's consent in place of the one approval.
        ///
        /// - Parameter bind: the digest of what was displayed.
        case consented(bind: Digest)
    }

    static let key = "approval"
    /// The most bytes of arguments that a form displays; a call with more must be decided elsewhere.
    static let longestArguments = 4096

    let request: InputRequest
    /// The id of a URL elicitation, in the legacy eras only.
    let elicitation: String?
    /// The binding that consent would cover, or nil if consent is not asked for.
    private let consentBind: Digest?

    /// - Parameter elicitation: the elicitation's id; nil in the modern era.
    /// - Returns: nil if nothing is displayed.
    init?(_ way: PendingCallDelivery, about approval: ApprovalRequest, elicitation: String?) {
        var params: JSONObject = [:]
        switch way {
        case .hold: return nil
        case .page(let url):
            params["mode"] = "url"
            params["message"] = .string(Self.headline(approval) + ".")
            params["elicitationId"] = elicitation.map(JSONValue.string)
            params["url"] = .string(url)
        case .consent:
            guard let arguments = Self.arguments(of: approval) else { return nil }
            params["mode"] = "form"
            params["message"] = .string(
                Self.headline(approval, by: "you") + ". Its arguments: " + arguments)
            params["requestedSchema"] = Self.question
        case .notice:
            params["mode"] = "form"
            params["message"] = .string(
                Self.headline(approval)
                    + ". People decide on \(approval.id.shown) in Interlock's console or with "
                    + "`interlock approvals`; whatever is answered here decides nothing.")
            params["requestedSchema"] = ["type": "object", "properties": [:]]
        }
        if case .page = way { self.elicitation = elicitation } else { self.elicitation = nil }
        consentBind = way == .consent ? approval.bind : nil
        request = InputRequest(key: Self.key, method: .elicit, params: params)
    }

    /// Interprets the end of a round; returns `goOn` if the caller did not respond.
    func meaning(of round: InputRound) -> Choice {
        guard case .answered(let answers) = round, case .result(let result)? = answers[Self.key]
        else { return .goOn }
        switch result["action"] {
        case "decline": return .declined
        case "accept":
            guard let consentBind else { return .goOn }
            switch result["content"]?["decision"] {
            case "approve": return .consented(bind: consentBind)
            case "deny": return .declined
            default: return .goOn
            }
        default: return .goOn
        }
    }

    /// The call's complete arguments as inert text, or nil if they are too long for a form.
    static func arguments(of approval: ApprovalRequest) -> String? {
        let call = approval.review.call
        guard let bytes = try? call.arguments.canonical(), bytes.count <= longestArguments
        else { return nil }
        return RevealedText(String(decoding: bytes, as: UTF8.self)).line
    }

    private static func headline(_ approval: ApprovalRequest, by whom: String? = nil) -> String {
        let decision = approval.decision
        return "Interlock: \(approval.review.call.address) needs approval by "
            + "\(whom ?? decision.group) (rule \(decision.rule))"
    }

    private static let question: JSONValue = [
        "type": "object",
        "properties": [
            "decision": ["type": "string", "title": "This call", "enum": ["approve", "deny"]]
        ], "required": ["decision"],
    ]
}
