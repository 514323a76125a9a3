import InterlockAPI
import InterlockAdministration
import InterlockMarkup
import InterlockModel

/// The unknown outcomes of what a release would resume. Agents continue, and what these calls did is to be found out.
struct UnknownOutcomeTable {
    let outcomes: [UnknownOutcome]

    /// The Inbox has all of them.
    private static let most = 50

    @HTMLBuilder var content: [HTML] {
        element(.p, .style(.hint)) {
            "It is not known whether these calls took effect. Check each before agents continue."
        }
        Table(
            "Unknown outcomes of what is stopped, the newest first",
            ["Tool", "Agent", "Since"], Array(outcomes.prefix(Self.most))
        ) { outcome in
            [
                tool(outcome), .safe(outcome.agent.text), Shape.time(outcome.since),
            ]
        }.html
        if outcomes.count > Self.most {
            element(.p, .style(.hint)) { "And \(outcomes.count - Self.most) more." }
        }
    }

    private func tool(_ outcome: UnknownOutcome) -> HTML {
        let name = outcome.tool?.description ?? "Unnamed tool"
        return outcome.details == nil
            ? .safe(name) : hyperlink(outcome.link) { SafeText.text(name) }
    }
}
