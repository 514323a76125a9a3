/// The bounds of what the parser reads. A text beyond one of them is arbitrary.
package enum ShellLimits {
    /// The length of a text, in bytes of UTF-8.
    package static let bytes = 64 << 10
    /// The levels of groups, substitutions, quotes within them, and texts within texts.
    package static let depth = 32
    /// The simple commands, including those of texts within the text.
    package static let commands = 512
    /// The words of all commands, and the parts with a reason.
    package static let parts = 16_384
    /// The bytes of all texts within the text that are read again: `sh -c`, `eval`, backquotes, here-documents.
    package static let nestedBytes = 128 << 10
    /// The commands that one command passes on to another: `nohup timeout 5 env ls` has three.
    static let wrappers = 16
    /// The words that are searched for the name of a command that is not understood otherwise.
    static let suspects = 64
}
