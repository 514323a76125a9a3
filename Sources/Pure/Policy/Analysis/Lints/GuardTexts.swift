import InterlockJSON
import InterlockModel

/// What the texts of guards show by themselves, found out once for each: thousands of agents share few.
final class GuardTexts {
    struct Facts {
        /// Constants of a cell can matter, because the text names them.
        let readsCell: Bool
        /// Where it grants what it does not name (W206).
        let negatedTest: Int?
        /// Where arguments have no types; nil when it depends on the cell.
        let meaning: GuardMeaning?

        /// There is nothing to say about it where arguments have no types and nothing is forbidden.
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
        return GuardMeaning(
            try? truths.truth(of: text, for: nil, in: context), in: context.domain)
    }
}
