import InterlockJSON

/// The patterns of words that address an assistant instead of a reader. They were written from the classes of
/// docs/specs/output-safety.md, section 4, and not from the cases of a benchmark.
enum MarkerPatterns {
    enum Group: Sendable {
        /// Sets the instructions of an assistant aside, or gives it others; a marker by itself.
        case override
        /// The same in words that people use to each other as well.
        case defiance
        /// Says what an assistant must do.
        case address
        /// Keeps something from the user.
        case concealment
        /// Passes on what an agent knows.
        case exfiltration
        /// Demands the use of a tool.
        case toolUse

        /// True for weak patterns of which one must be in a pair.
        var makesPairs: Bool { self == .defiance || self == .concealment }

        /// True for words that have little sense unless an assistant reads them.
        var isToAssistants: Bool {
            switch self {
            case .override, .defiance, .address, .concealment: true
            case .exfiltration, .toolUse: false
            }
        }
    }

    struct Match: Sendable {
        let group: Group
        /// The indexes of the words from the first to the last of the pattern.
        let words: Range<Int>
    }

    /// Returns the matches in the order of the words. Matches of one group do not overlap.
    static func matches(in words: [PlainText.Word]) -> [Match] {
        var matches: [Match] = []
        var ends: [Group: Int] = [:]
        for start in words.indices {
            guard let patterns = heads[ExactText(words[start].text)] else { continue }
            for (group, phrase) in patterns where start >= ends[group, default: 0] {
                guard let end = phrase.match(words, at: start) else { continue }
                ends[group] = end
                matches.append(Match(group: group, words: start..<end))
            }
        }
        return matches
    }

    /// The patterns by their first words.
    private static let heads: [ExactText: [(Group, Phrase)]] = {
        var heads: [ExactText: [(Group, Phrase)]] = [:]
        for (group, phrases) in all {
            for phrase in phrases {
                for word in phrase.places[0] { heads[word, default: []].append((group, phrase)) }
            }
        }
        return heads
    }()

    private static let assistants = "ai|llm|llms|claude|chatgpt|gpt|copilot|gemini|chatbot"
    private static let kinds =
        "assistant|assistants|agent|agents|model|models|bot|bots"

    private static let all: [(Group, [Phrase])] = [
        (
            .override,
            [
                Phrase(
                    "ignore|disregard|forget|bypass|override|neglect previous|prior|earlier|preceding|above|foregoing|your|all|any|other|existing|original|initial|system instruction|instructions|directive|directives|guidelines",
                    gap: 3),
                Phrase(
                    "ignore|disregard|forget|bypass|override previous|prior|preceding|above|your|system prompt|prompts",
                    gap: 2),
                Phrase(
                    "ignore|disregard|forget instructions|directives|guidelines above|before|previously|earlier",
                    gap: 3),
                Phrase(
                    "you are now a|an ai|assistant|llm|chatbot|dan|unrestricted|jailbroken|root",
                    gap: 2),
                Phrase(
                    "you're now a|an ai|assistant|llm|chatbot|dan|unrestricted|jailbroken|root",
                    gap: 2),
                Phrase(
                    "new|updated|revised|real|actual|secret instructions|directive|directives for|to assistant|assistants|\(assistants)",
                    gap: 2),
                Phrase(
                    "reveal|print|repeat|output|leak|disclose your system|initial|hidden|secret prompt|instructions",
                    gap: 2),
                Phrase(
                    "note|message|instruction|instructions|notice|memo to|for|all|any ai|llm|language|automated \(kinds)",
                    gap: 2),
                Phrase("hey|hello|dear ai|llm \(kinds)", gap: 1),
                Phrase("attention ai|llm \(kinds)", gap: 0),
                Phrase("if you are a|an ai|llm|language|automated \(kinds)", gap: 1),
                Phrase("if you're a|an ai|llm|language|automated \(kinds)", gap: 1),
                Phrase(
                    "ignoriere|ignorieren|missachte|vergiss alle|vorherigen|bisherigen|obigen|deine anweisungen|vorgaben|instruktionen",
                    gap: 3),
                Phrase(
                    "ignore|ignorez|oublie|oubliez instructions|consignes précédentes|antérieures",
                    gap: 3),
                Phrase(
                    "ignora|ignore|olvida|olvide instrucciones|indicaciones anteriores|previas",
                    gap: 3),
            ]
        ),
        (
            .defiance,
            [
                Phrase(
                    "ignore|disregard|forget|bypass|override instruction|instructions|rules|guidelines|restrictions",
                    gap: 2)
            ]
        ),
        (
            .address,
            [
                Phrase(
                    "assistant|assistants|\(assistants) must|should|shall|please|always|never",
                    gap: 1)
            ]
        ),
        (
            .concealment,
            [
                Phrase(
                    "don't|not|never|without|avoid tell|telling|mention|mentioning|inform|informing|notify|notifying|alert|alerting user|users|human|humans|operator",
                    gap: 3)
            ]
        ),
        (
            .exfiltration,
            [
                Phrase(
                    "send|forward|post|upload|bcc|email|exfiltrate|leak|transmit conversation|history|credentials|password|passwords|secret|secrets|token|tokens|key|keys|ssh|env",
                    gap: 5)
            ]
        ),
        (
            .toolUse,
            [
                Phrase(
                    "always|first|instead|must|immediately|now|then call|invoke|run|execute|use tool|tools|function",
                    gap: 4)
            ]
        ),
    ]
}
