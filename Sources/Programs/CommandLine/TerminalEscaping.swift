import InterlockModel

/// Makes text from a call safe to print: characters that are invisible, move the cursor or change the writing direction
/// are replaced by their code points.
package enum TerminalEscaping {
    package static func shown(_ text: String) -> String { text.withMarks }
    /// The same for a text of the gateway with amounts, whose separators of thousands stay.
    package static func own(_ text: String) -> String { text.withMarksOutsideNumbers }
}
