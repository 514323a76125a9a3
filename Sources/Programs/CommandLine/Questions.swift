import Glibc
import InterlockCredentials

/// Questions to the person at the terminal. With `--yes`, the proposals are accepted and typed answers are unavailable.
/// Questions are escaped like untrusted text, because they contain names of servers.
package struct Questions {
    private static let longestAnswer = 4096
    package let isAnsweredYes: Bool

    /// - Throws: exit 64 without a terminal and without `--yes`, because silence is not consent.
    package init(_ invocation: Invocation) throws(Failure) {
        isAnsweredYes = invocation.has("yes")
        guard isAnsweredYes || isatty(STDIN_FILENO) == 1 else {
            throw Failure(
                .usage, "there is no terminal to ask on",
                help: "`--yes` starts each server, and grants only what says that it is read-only")
        }
    }

    /// Asks a yes-or-no question; the default is no.
    package func confirm(_ question: String) throws(Failure) -> Bool {
        let question = TerminalEscaping.shown(question)
        if isAnsweredYes {
            Output.line("\(question) yes (--yes)")
            return true
        }
        Output.text("\(question) [y/N] ")
        return ["y", "yes"].contains(try line().lowercased())
    }

    /// Asks for a text.
    ///
    /// - Returns: `standIn` for an empty answer.
    package func text(_ question: String, standIn: String) throws(Failure) -> String {
        if isAnsweredYes { return standIn }
        let question = TerminalEscaping.shown(question)
        let proposal = standIn.isEmpty ? "" : "[\(TerminalEscaping.shown(standIn))] "
        Output.text("\(question) \(proposal)")
        let answer = try line()
        return answer.isEmpty ? standIn : answer
    }

    /// Asks for a secret without echo; returns nil with `--yes`.
    package func secret(_ question: String) throws(Failure) -> String? {
        if isAnsweredYes { return nil }
        let prompt = TerminalEscaping.shown(question) + " "
        do throws(KeyFailure) { return try Terminal.readPassphrase(prompt: prompt) } catch {
            throw Failure(.no, "nothing is changed: \(error.reason)")
        }
    }

    private func line() throws(Failure) -> String {
        var bytes: [UInt8] = []
        while true {
            var byte: UInt8 = 0
            let count = unsafe read(STDIN_FILENO, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1, bytes.count < Self.longestAnswer else {
                throw Failure(.no, "nothing is changed: the answers ended")
            }
            if byte == UInt8(ascii: "\n") { break }
            bytes.append(byte)
        }
        let text = String(decoding: bytes, as: UTF8.self)
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" }
        let begun = text.drop(while: isSpace)
        return String(begun.reversed().drop(while: isSpace).reversed())
    }
}
