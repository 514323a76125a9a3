import InterlockJSON
import InterlockModel

/// The facts that the texts of guards show by themselves, computed once for each text: thousands of agents
/// share few texts.
final class GuardTexts {
    struct Facts {
        /// True if the text may name constants of a cell, so that they can matter.
        let readsCell: Bool
        /// The offset of a test that grants what it does not name (W206), or nil if there is no such test.
        let negatedTest: Int?
        /// The meaning for untyped arguments, or nil if it depends on the cell.
        let meaning: GuardMeaning?

        /// True if the text causes no finding for untyped arguments without forbids.
        var isPlain: Bool {
            guard let meaning, negatedTest == nil else { return false }
            return !meaning.isOpaque && !meaning.isNeverTrue && !meaning.isAlwaysTrue
        }
    }

    private let truths: GuardTruths
    private var known: [ExactText: Facts] = [:]

    init(_ truths: GuardTruths) { self.truths = truths }

    subscript(text: GuardText) -> Facts {
        let key = ExactText(text.source)
        if let facts = known[key] { return facts }
        let readsCell = text.source.contains("call") || text.source.contains("agent")
        let facts = Facts(
            readsCell: readsCell, negatedTest: truths.tree(of: text)?.firstNegatedTest,
            meaning: readsCell ? nil : meaning(text))
        known[key] = facts
        return facts
    }

    private func meaning(_ text: GuardText) -> GuardMeaning {
        let context = GuardContext(domain: .untyped, constants: [:])
        return GuardMeaning(try? truths.truth(of: text, for: nil, in: context), in: context.domain)
    }
}
