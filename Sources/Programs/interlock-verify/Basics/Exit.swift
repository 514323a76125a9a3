/// Exit codes, those of `interlock audit verify`.
enum Exit: Int32 {
    case verified = 0
    /// The evidence is bad.
    case bad = 1
    /// Consistent in itself, but nothing from outside was there to compare with.
    case nothingOutside = 3
    case usage = 64
    /// A file is not of its format.
    case malformed = 65
    case missing = 66
    case io = 74
}

/// Ends the program without a judgement of the evidence, except `.bad`.
struct Refusal: Error {
    let exit: Exit
    let message: String

    init(_ exit: Exit, _ message: String) {
        self.exit = exit
        self.message = message
    }
}

/// What is wrong with a piece of the evidence, in a few words; whoever looks at the piece says where.
struct Fault: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
