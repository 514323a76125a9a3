import InterlockJSON
import InterlockModel

/// What the texts of guards show by themselves, found out once for each: thousands of agents share few.
final class GuardTexts {
    struct Facts {
        /// Constants of a cell can matter, because the text names them.
        let readsCell: Bool
        /// There is nothing to say about it where arguments have no types and nothing is forbidden.
        let isPlain: Bool
    }

    private let truths: GuardTruths
    private var known: [ExactText: Facts] = [:]

    init(_ truths: GuardTruths) { self.truths = truths }

    subscript(text: GuardText) -> Facts {
        let key = ExactText(text.source)
        if let facts = known[key] { return facts }
        let readsCell = text.source.contains("call") || text.source.contains("agent")
        let facts = Facts(readsCell: readsCell, isPlain: !readsCell && isPlain(text))
        known[key] = facts
        return facts
    }

    private func isPlain(_ text: GuardText) -> Bool {
        guard let tree = truths.tree(of: text), tree.firstNegatedTest == nil else { return false }
        let context = GuardContext(domain: .untyped, constants: [:])
        let meaning = GuardMeaning(
            try? truths.truth(of: text, for: nil, in: context), in: context.domain)
        return !meaning.isOpaque && !meaning.isNeverTrue && !meaning.isAlwaysTrue
    }
}
