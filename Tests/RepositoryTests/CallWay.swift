/// The pipeline's source text, from which single stages can be removed.
///
/// A stage is a line of its own, `let outcome = try await stage(input, ...)...`, or part of the last `return`. Removing
/// it passes its input to every use of its outcome.
struct CallWay {
    static let path = "Sources/Gateway/Governor/CallPipeline.swift"

    struct Stage: CustomStringConvertible {
        let name: String
        fileprivate let line: Int
        /// Is nil if the stage is called where its outcome is used.
        fileprivate let outcome: String?
        fileprivate let input: String
        var description: String { name }
    }

    private let lines = Repository.lines(of: path).map(String.init)

    var whole: String { lines.joined(separator: "\n") }

    var stages: [Stage] {
        lines.enumerated().compactMap { number, line in
            let words = line.split(separator: " ")
            if words.count > 3, words[0] == "let", words[2] == "=",
                let call = words.dropFirst(3).first(where: { $0 != "try" && $0 != "await" }),
                let (name, input) = parts(of: call)
            {
                return Stage(name: name, line: number, outcome: String(words[1]), input: input)
            }
            if words.first == "return",
                let call = words.last(where: { $0.contains("recordOutcome(") }),
                let (name, input) = parts(of: call)
            {
                return Stage(name: name, line: number, outcome: nil, input: input)
            }
            return nil
        }
    }

    func without(_ stage: Stage) -> String {
        var lines = lines
        guard let outcome = stage.outcome else {
            lines[stage.line] = lines[stage.line]
                .replacing("await \(stage.name)(\(stage.input))", with: stage.input)
            return lines.joined(separator: "\n")
        }
        lines.remove(at: stage.line)
        for number in stage.line..<lines.count {
            // The function ends here; later lines are unrelated.
            if lines[number] == "    }" { break }
            lines[number] = renaming(outcome, to: stage.input, in: lines[number])
        }
        return lines.joined(separator: "\n")
    }

    /// The name and first argument of `stage(input, other).get()`; returns nil for other code.
    private func parts(of call: Substring) -> (name: String, input: String)? {
        let pieces = call.split(whereSeparator: { "(),".contains($0) }).map(String.init)
        guard call.contains("("), pieces.count >= 2, let first = pieces[0].first, first.isLowercase,
            !pieces[0].contains("."), !pieces[1].contains(":")
        else { return nil }
        return (pieces[0], pieces[1])
    }

    private func renaming(_ name: String, to other: String, in line: String) -> String {
        var result = ""
        var word = ""
        for character in line + "\n" {
            if character.isLetter || character.isNumber || character == "_" {
                word.append(character)
                continue
            }
            result += word == name ? other : word
            word = ""
            result.append(character)
        }
        return String(result.dropLast())
    }
}
