/// One simple command: assignments, words and redirections, or the redirections of a group.
package struct ShellCommand: Sendable {
    /// The bytes of the text. A command of a text within the text has the range of the word that holds it.
    package let range: Range<Int>
    package let assignments: [ShellAssignment]
    /// The program and its arguments; empty if there are only assignments or redirections.
    package let words: [ShellWord]
    package let redirections: [ShellRedirection]
    /// The worst kind of its parts, without those of the commands within it.
    package internal(set) var kind: ShellKind = .read
    /// The index of the command whose argument or input holds this one as a text, or nil.
    let parent: Int?
    let depth: Int
    /// The number of leading words that only pass the rest on, such as `timeout 5`.
    var passedOn = 0

    /// The name of the program as written, or nil if it is missing or expanded.
    package var program: String? { words.first?.literal }
    /// The arguments; nil for each that the shell expands.
    package var arguments: [String?] { words.dropFirst().map(\.literal) }
}

/// A variable that a command sets.
package struct ShellAssignment: Sendable, Hashable {
    package let name: String
    package let value: ShellWord
}

/// A redirection of a command.
package struct ShellRedirection: Sendable, Hashable {
    package enum Action: Sendable, Hashable {
        case input, output, both, duplicate, hereDocument, hereString
    }

    package let action: Action
    package let range: Range<Int>
    /// The file, the number of the descriptor, or the delimiter of the here-document.
    package let target: ShellWord
    /// The index of the body of a here-document.
    let document: Int?
}

/// A part of a text with its kind and the reason for it.
package struct ShellPart: Sendable, Hashable {
    package let kind: ShellKind
    package let reason: ShellReason
    /// The entry of the table of programs that decided, such as `git push`; empty if none did.
    package let entry: String
    /// The bytes of the text.
    package let range: Range<Int>
    /// The index of its command, or nil if the part belongs to none.
    package let command: Int?
}
