import InterlockModel

/// Makes text from a call safe to print: characters that are invisible, move the cursor or change the writing direction
/// are replaced by their code points.
package enum TerminalEscaping {
    package static func shown(_ text: String) -> String { text.withMarks }
}
