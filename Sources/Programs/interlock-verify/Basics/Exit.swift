/// The exit codes; equal to those of `interlock audit verify`.
enum Exit: Int32 {
    case verified = 0
    /// The evidence failed verification.
    case bad = 1
    /// The evidence is consistent, but no outside memory was available to compare it with.
    case nothingOutside = 3
    case usage = 64
    /// A file does not have its format.
    case malformed = 65
    case missing = 66
    case io = 74
}

/// Ends the program without a verdict on the evidence, except with `.bad`.
struct Refusal: Error {
    let exit: Exit
    let message: String

    init(_ exit: Exit, _ message: String) {
        self.exit = exit
        self.message = message
    }
}

/// A fault in a piece of the evidence, in a few words; the caller adds the location.
struct Fault: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
