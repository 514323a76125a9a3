import InterlockAPI
import InterlockEvidence
import InterlockMarkup
import InterlockModel
import InterlockProvenance

/// A check before a merge in words.
extension MergeCheck {
    private var look: (kind: StatusBadge.Kind, tone: Style, word: String) {
        switch result {
        case .pass: (.allowed, .good, "passed")
        case .refused: (.denied, .bad, "refused")
        case .pending: (.pending, .pending, "pending")
        case .unknown: (.unknown, .unknown, "unknown")
        }
    }

    var status: StatusBadge {
        StatusBadge(
            look.kind, look.word.prefix(1).uppercased() + look.word.dropFirst(),
            from: "What the record says; its mark says whether it is proved.")
    }

    var badge: HTML { InterlockMarkup.badge(look.word, look.tone) }

    /// - Parameter person: returns the person of a pseudonym, or nil if the viewer does not see them.
    func merger(_ person: (Pseudonym) -> Person?) -> HTML {
        guard let merger else { return .text("not stated") }
        return Shape.person(person(merger))
    }

    var mark: HTML { ProofBadge(record: record.index, record.proof).html }
}
