import InterlockApprovals
import InterlockMCP
import InterlockModel

/// How the caller of a call that waits for people is told so: the first that it and the configuration allow
/// (specs of MCP, section 7).
enum PendingCallDelivery: Hashable {
    /// The address of the page where people decide. That somebody opened it is no answer.
    case page(String)
    /// The caller is asked for the one approval itself: at tier low, where the configuration takes its word, and
    /// no template has more to show than a form does.
    case consent
    /// A form that says where people decide.
    case notice
    /// Nothing is shown; the answer is kept open.
    case hold

    /// - Parameters:
    ///   - kinds: what the caller can be asked.
    ///   - pages: where people decide in a browser; nil without a console.
    init(
        _ kinds: Set<InputKind>, about request: ApprovalRequest, pages: String?, takesConsent: Bool
    ) {
        if kinds.contains(.url), let pages {
            self = .page(pages + "/" + request.id.shown)
        } else if kinds.contains(.form) {
            self =
                takesConsent && request.decision.takesConsent && request.review.template == nil
                    && ApprovalPrompt.arguments(of: request) != nil
                ? .consent : .notice
        } else {
            self = .hold
        }
    }
}
