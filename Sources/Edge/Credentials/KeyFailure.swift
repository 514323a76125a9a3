/// The reason that a key, a token or an order file could not be used. Equality compares the code only.
package struct KeyFailure: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// The file or folder does not exist.
        case missing = "key.missing"
        /// It exists already and is never overwritten.
        case exists = "key.exists"
        /// Another user may read or change it.
        case exposed = "key.exposed"
        /// Its length, form or kind is wrong.
        case malformed = "key.malformed"
        /// It is a person's key file without a passphrase.
        case plain = "key.plain"
        /// The passphrase does not open it.
        case passphrase = "key.passphrase"
        /// There is no terminal to ask on, or the person gave up.
        case terminal = "key.terminal"
        /// ssh-agent is not running, does not answer, or refuses.
        case agent = "key.agent"
        /// The system refused to read or write.
        case io = "key.io"
        /// A flush failed; the content on disk is unknown.
        case unflushed = "key.unflushed"
        /// It did not arrive in time.
        case late = "key.late"
        /// An authorization server gave no token.
        case refused = "key.refused"
        /// The authorization server is not the known one.
        case foreign = "key.foreign"
        /// An argument is out of its range.
        case argument = "key.argument"
    }

    package let code: Code
    /// One line, lower case.
    package let reason: String
    /// Advice, if there is any.
    package let help: String?

    package init(_ code: Code, _ reason: String, help: String? = nil) {
        self.code = code
        self.reason = reason
        self.help = help
    }

    package static func == (a: KeyFailure, b: KeyFailure) -> Bool { a.code == b.code }
    package var description: String { reason }
}
