/// One word of a command, before the shell expands it.
package struct ShellWord: Sendable, Hashable {
    /// The bytes of the text that the word occupies, including its quotes.
    package let range: Range<Int>
    /// The word as the program receives it, or nil if the shell expands a part of it.
    package let literal: String?
    /// The beginning up to the first expansion; the whole word if it is literal.
    let prefix: String
    /// True if a part is quoted, so that the word is no reserved word.
    let isQuoted: Bool
    /// True if the shell can make several words of it, of which all but the first may begin in any way.
    let maySplit: Bool
    /// True if a part is written as `$'…'`, which not every shell reads alike.
    let isANSI: Bool

    /// True if every word that the shell makes of it begins with a known character that is not `-`.
    var isOperand: Bool {
        guard !maySplit, let first = prefix.utf8.first else { return false }
        return first != UInt8(ascii: "-")
    }

    /// A word that the command gets from elsewhere, such as the input of `xargs`.
    static func unknown(at range: Range<Int>) -> ShellWord {
        ShellWord(
            range: range, literal: nil, prefix: "", isQuoted: false, maySplit: true, isANSI: false)
    }

    /// The same word, in which a program replaces a part by text of its own.
    func replaced(from marker: String) -> ShellWord {
        guard let literal, let first = marker.utf8.first, literal.utf8.contains(first),
            let found = literal.utf8.firstRange(of: marker.utf8)
        else { return self }
        return ShellWord(
            range: range, literal: nil, prefix: String(literal[..<found.lowerBound]),
            isQuoted: isQuoted, maySplit: false, isANSI: isANSI)
    }
}
