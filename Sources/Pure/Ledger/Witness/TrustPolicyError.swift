/// The reason why a text is not a valid trust policy, with its line.
package struct TrustPolicyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The line number, from 1, or 0 if the error concerns the whole file.
    package let line: Int
    package let problem: Problem

    package init(line: Int, problem: Problem) {
        self.line = line
        self.problem = problem
    }

    package enum Problem: Hashable, Sendable {
        case tooLarge
        case controlCharacter
        /// A name or an address is not UTF-8.
        case notText
        /// The last line has no newline.
        case noNewline
        case unknownLine(String)
        /// A line has too few or too many words.
        case wordCount(String)
        case badKey
        case badName(String)
        case duplicateKey
        case duplicateName(String)
        case undefined(String)
        /// A witness or group is listed as a member twice.
        case listedTwice(String)
        case badThreshold(String)
        case secondQuorum
        case noQuorum
        case tooMany(String)
    }

    package var description: String {
        let reason =
            switch problem {
            case .tooLarge: "it is larger than \(TrustPolicy.maximumBytes) bytes"
            case .controlCharacter: "there is a control character"
            case .notText: "there is a name or an address that is not UTF-8"
            case .noNewline: "the last line does not end"
            case .unknownLine(let word): "`\(word)` is no kind of line"
            case .wordCount(let form): "the line is not `\(form)`"
            case .badKey: "this is no key, or its id does not belong to it"
            case .badName(let name): "`\(name)` cannot be a name here"
            case .duplicateKey: "this key is defined in an earlier line"
            case .duplicateName(let name): "`\(name)` is defined already"
            case .undefined(let name): "`\(name)` is not defined in a line before"
            case .listedTwice(let name): "`\(name)` is a member already"
            case .badThreshold(let word): "`\(word)` is not `any`, `all`, or 1 to the members"
            case .secondQuorum: "there is a quorum already"
            case .noQuorum: "there is no `quorum` line"
            case .tooMany(let what): "there are too many \(what)"
            }
        return line == 0 ? reason : "line \(line): \(reason)"
    }
}
