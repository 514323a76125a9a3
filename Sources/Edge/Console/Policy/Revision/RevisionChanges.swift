import InterlockAdministration
import InterlockMarkup
import InterlockModel

/// The changes of a revision by meaning, most severe first: before and after, with a call that is decided otherwise.
struct RevisionChanges {
    let changes: PagedRows<PolicyChange>
    /// The number of changes of the whole list that allow more or cannot be compared.
    let widening: Int
    /// True for the first revision, of which all is new.
    let isFirst: Bool

    /// The most changes of one page. All of an ordinary revision are on the page on which it is signed.
    static let pageSize = 500

    init(_ all: [PolicyChange], page: Int, isFirst: Bool = false) {
        self.isFirst = isFirst
        changes = PagedRows(all, page: page, size: Self.pageSize)
        widening = all.count { $0.direction != .narrows }
    }

    /// "1 allows more", "3 allow more".
    var wideningWords: String { "\(widening) \(widening == 1 ? "allows" : "allow") more" }

    @HTMLBuilder var content: [HTML] {
        if changes.count == 0 {
            element(.p, .style(.empty)) { "Text changed, decisions unchanged" }
        } else {
            element(.p, .style(.hint)) {
                isFirst
                    ? "All of it is new, as no revision was signed off before\(changes.place)"
                    : Shape.count(changes.count, "change")
                        + ", \(wideningWords)\(changes.place)"
            }
            for group in groups {
                element(.h3) {
                    if let agent = group.agent {
                        "Agent "
                        SafeText.text(agent)
                    } else {
                        "Organisation"
                    }
                }
                for change in group.changes { row(change) }
            }
            changes.pager { Link("policy", "proposed", query: [("page", $0)]) }
        }
    }

    private struct Group {
        let agent: String?
        var changes: [PolicyChange] = []
    }

    /// The changes of this page by agent, in the order of the most severe change of each.
    private var groups: [Group] {
        var places: [String?: Int] = [:]
        var groups: [Group] = []
        for change in changes.rows {
            let place = places[change.agent] ?? groups.count
            places[change.agent] = place
            if place == groups.count { groups.append(Group(agent: change.agent)) }
            groups[place].changes.append(change)
        }
        return groups
    }

    private func row(_ change: PolicyChange) -> HTML {
        element(.div, .style(.change)) {
            element(.p) {
                isFirst ? badge("New", .medium) : Self.direction(of: change)
                " "
                if let agent = change.agent {
                    SafeText.text(agent)
                    ": "
                }
                SafeText.text(change.subject)
            }
            if isFirst {
                changeSide("States", "+", .added) { SafeText.own(change.new) }
            } else {
                element(.div, .style(.columns)) {
                    Self.side("Before", "-", change.old, .removed, of: change)
                    Self.side("After", "+", change.new, .added, of: change)
                }
            }
            Self.instance(of: change)
        }
    }

    private static func side(
        _ name: String, _ sign: String, _ text: String, _ style: Style, of change: PolicyChange
    ) -> HTML {
        changeSide(name, sign, style) {
            if text.isEmpty {
                element(.span, .style(.muted)) { "not stated" }
            } else if change.witness != nil, let words = DecisionSentence(text) {
                SafeText.own(words.sentence)
                " "
                element(.code, .style(.muted)) { words.raw }
            } else if Digest(prefixed: text) != nil {
                Shape.whole(text)
            } else {
                SafeText.text(text)
            }
        }
    }

    private static func direction(of change: PolicyChange) -> HTML {
        switch change.direction {
        case .widens: badge("Allows more", .high)
        case .narrows: badge("Allows less", .low)
        case .notComparable: badge("Not comparable, counts as more", .medium)
        }
    }

    @HTMLBuilder private static func instance(of change: PolicyChange) -> [HTML] {
        if let witness = change.witness {
            element(.div) {
                element(.p, .style(.hint)) {
                    "Example call"
                    if let time = change.time { " at \(time)" }
                    if let stage = change.stage { " at stage \(stage)" }
                }
                for amount in change.amounts { element(.p) { SafeText.own(amount) } }
                SafeText.value(witness)
            }
        }
        PolicyLabels.lines(change.notes)
    }
}
