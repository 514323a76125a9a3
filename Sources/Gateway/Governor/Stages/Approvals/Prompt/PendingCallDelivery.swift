import InterlockApprovals
import InterlockMCP
import InterlockModel

/// The delivery of a pending call's prompt: the first form that the caller and the configuration support
/// (docs/specs/mcp.md, section 7).
enum PendingCallDelivery: Hashable {
    /// The URL of the page where people decide. Opening the page is not a decision.
    case page(String)
    /// The caller itself is asked for the one approval: at tier low, if the configuration accepts its consent, and if
    /// no template displays more than a form can.
    case consent
    /// A form that says where people decide.
    case notice
    /// Displays nothing; the response is held open.
    case hold

    /// - Parameters:
    ///   - kinds: the kinds of input that the caller supports.
    ///   - pages: the URL where people decide in a browser, or nil without a console.
    init(
        _ kinds: Set<InputKind>, about request: ApprovalRequest, pages: String?, takesConsent: Bool
    ) {
        if kinds.contains(.url), let pages {
            self = .page(pages + "/" + request.id.shown)
        } else if kinds.contains(.form) {
            self =
                takesConsent && request.decision.takesConsent && request.review.template == nil
                    && ApprovalPrompt.arguments(of: request) != nil ? .consent : .notice
        } else {
            self = .hold
        }
    }
}
