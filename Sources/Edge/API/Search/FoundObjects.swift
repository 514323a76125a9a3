import InterlockAdministration
import InterlockEvidence
import InterlockModel

/// The objects that one search finds. Each kind is looked through once for a text: acts name the same objects as the
/// groups of their kinds.
final class FoundObjects {
    private struct Key: Hashable {
        let kind: SearchKind
        let words: [SearchedText]
    }

    let visibility: Visibility
    private let queries: (any SearchQueries)?
    private var byText: [Key: [SearchHit]] = [:]
    private var byName: [Key: [SearchHit]] = [:]

    init(_ queries: (any SearchQueries)?, for visibility: Visibility) {
        self.queries = queries
        self.visibility = visibility
    }

    func hits(_ kind: SearchKind, _ text: SearchedText) -> [SearchHit] {
        let key = Key(kind: kind, words: [text])
        if let known = byText[key] { return known }
        let hits = queries?.hits(kind, text, for: visibility) ?? []
        byText[key] = hits
        return hits
    }

    /// The visible objects whose names have all of the words; all objects if there is none.
    func named(_ kind: SearchKind, _ words: [SearchedText]) -> [SearchHit] {
        let key = Key(kind: kind, words: words)
        if let known = byName[key] { return known }
        let hits = hits(kind, words.first ?? SearchedText(""))
        let named =
            words.isEmpty
            ? hits : hits.filter { hit in words.allSatisfy { $0.isIn(hit.name) } }
        byName[key] = named
        return named
    }
}
