import InterlockModel

extension LabelIndex {
    /// Returns true if the user's request has one of the words of a tool, by which it may mean the tool. A request that
    /// is not known has none.
    ///
    /// - Parameter words: at most 32 words; one that is more than one token is in no request.
    package func hasRequest(ofOneOf words: [String]) -> Bool {
        words.contains { word in
            IntentWord.forms(of: word).contains { form in
                isOfRequest(hasher.hash(.word, form))
            }
        }
    }
}

extension KeyLabels {
    /// Returns the labels as they count for a tool that states the words of a request for it: like untrusted ones if the
    /// run has read untrusted content and the user's request has none of the words.
    package func meant(
        byOneOf words: [String], in index: LabelIndex, isTainted: Bool
    ) -> KeyLabels {
        guard isTainted, !words.isEmpty, !index.hasRequest(ofOneOf: words) else { return self }
        return lacking(words)
    }
}

/// A word of a tool in the forms that count as it in a request: the word or stem itself, and its regular forms as a verb
/// or a noun in English and German. Any longer token is another word: `pay` is in `pays`, `paying` and `payments`, and
/// not in `payroll` or `paypal`. Irregular forms are words of their own.
enum IntentWord {
    private static let endings = ["", "s", "e", "es", "d", "ed", "ing", "ment", "ments"]
    /// Endings of German, which count after stems of four bytes or more: shorter ones are other words with them.
    private static let germanEndings = ["en", "t", "et", "st", "te", "ten", "ung", "ungen"]
    private static let leastStem = 4

    /// Returns the forms in the form of tokens; none for a text that is not one token.
    static func forms(of word: String) -> [[UInt8]] {
        let text = FoldedText(word)
        guard text.tokens.count == 1, let token = text.tokens.first, !token.isURL else { return [] }
        let stem = Array(text.bytes[token.range])
        var forms = endings.map { stem + Array($0.utf8) }
        if stem.count >= leastStem { forms += germanEndings.map { stem + Array($0.utf8) } }
        guard let last = stem.last, stem.count > 2 else { return forms }
        let rest = Array(stem.dropLast())
        switch last {
        // `moving`, `transferring`, `replied`.
        case UInt8(ascii: "e"): forms.append(rest + Array("ing".utf8))
        case UInt8(ascii: "y"): forms += ["ies", "ied"].map { rest + Array($0.utf8) }
        case let letter where isLetter(letter) && !vowels.contains(letter):
            forms += ["ed", "ing"].map { stem + [letter] + Array($0.utf8) }
        default: break
        }
        return forms
    }

    private static let vowels = ByteSet(of: "aeiou")
}
