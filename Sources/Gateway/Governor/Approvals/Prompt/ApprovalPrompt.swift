import InterlockApprovals
import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts

/// What the caller of a waiting call is shown, and what its answer means. No answer of a caller approves,
/// except where its word is taken.
struct ApprovalPrompt {
    enum Answer: Hashable {
        /// The page was opened, the form was closed: people decide.
        case goOn
        /// The caller gives up: nobody is asked any more.
        case declined
        /// The caller's word for the one approval.
        ///
        /// - Parameter bind: of what it was shown.
        case consented(bind: Digest)
    }

    static let key = "approval"
    /// Characters of arguments that a form shows at most; a call with more is decided elsewhere.
    static let longestArguments = 4096

    let request: InputRequest
    /// Of a page, for the legacy era alone.
    let elicitation: String?
    /// What the caller's word would be about; nil where it is not asked for.
    private let consentBind: Digest?

    /// - Parameter elicitation: nil in the modern era.
    /// - Returns: nil where nothing is shown.
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

    /// What it means that a round ended so; `goOn` where nobody answered.
    func meaning(of round: InputRound) -> Answer {
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

    /// The call's arguments as inert text, nothing left out; nil where they are too long for a form.
    static func arguments(of approval: ApprovalRequest) -> String? {
        guard let bytes = try? approval.review.call.arguments.canonical(),
            bytes.count <= longestArguments
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
            "decision": [
                "type": "string", "title": "This call", "enum": ["approve", "deny"],
            ]
        ],
        "required": ["decision"],
    ]
}
