import InterlockApprovals
import InterlockMarkup

extension ReviewedDecision {
    /// The people whose approval a call needs, such as "2 people of finance".
    @HTMLBuilder var approversNeeded: [HTML] {
        "\(Shape.count(quorum, "person", "people")) of "
        SafeText.text(group)
    }
}
