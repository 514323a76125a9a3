import InterlockJSON

/// A pattern of words that instruct an assistant: words in this order, with at most `gap` others between them.
struct Phrase {
    /// The alternatives for each word of the pattern.
    let places: [Set<ExactText>]
    /// The most other words between two words of the pattern.
    let gap: Int

    init(_ text: String, gap: Int = 0) {
        places = text.split(separator: " ").map {
            Set(texts: $0.split(separator: "|").map(String.init))
        }
        self.gap = gap
    }

    /// Returns the index after the last word of a match that begins at `start`, or nil if there is no match.
    func match(_ words: [PlainText.Word], at start: Int) -> Int? {
        guard let first = places.first, first.contains(words[start].text) else { return nil }
        var place = start + 1
        for wanted in places.dropFirst() {
            let end = min(words.count, place + gap + 1)
            guard
                let found = (place..<max(place, end)).first(where: {
                    wanted.contains(words[$0].text)
                })
            else { return nil }
            place = found + 1
        }
        return place
    }

    /// The patterns; ordinary words of descriptions ("returns", "use this to") are not among them.
    static let imperative: [Phrase] = [
        Phrase(
            "ignore|disregard|forget|override|bypass instructions|instruction|rules|guidelines|prompt|prompts|above|previous|prior|everything|safety",
            gap: 4),
        Phrase("new|following|these|my instructions", gap: 0),
        Phrase("you are now"), Phrase("you're now"), Phrase("from now on"),
        Phrase("system prompt|message", gap: 0),
        Phrase("as an ai|assistant"), Phrase("act|behave|respond as", gap: 1),
        Phrase("assistant|model|agent|ai|llm|claude must|should|shall|always|never", gap: 1),
        Phrase("you must|shall|should always|never|first|also|not", gap: 1),
        Phrase(
            "don't|never|not|without|avoid tell|telling|mention|mentioning|inform|informing|reveal|revealing|show|showing|notify|notifying|ask|asking user|users|human|person|anyone|operator|owner",
            gap: 3),
        Phrase("keep|stay|remain secret|silent|quiet|hidden|confidential", gap: 3),
        Phrase(
            "always|first|instead|must|immediately|then call|invoke|run|execute tool|tools|function",
            gap: 4),
        Phrase(
            "before|after|when|whenever|prior using|calling|invoking|running|use|call this|any|other|another|all|every tool|tools",
            gap: 3),
        Phrase(
            "send|forward|post|upload|bcc|email|exfiltrate|leak|pass contents|content|conversation|history|credentials|password|passwords|secret|secrets|token|tokens|key|keys|ssh|env",
            gap: 5),
        Phrase("important|attention|warning|note assistant|model|agent|ai|llm|claude", gap: 2),
    ]
}
