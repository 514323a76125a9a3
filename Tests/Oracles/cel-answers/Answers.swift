import InterlockJSON
import InterlockModel
import InterlockPatterns
import InterlockPolicy
import InterlockPolicyCEL
import InterlockZones

/// Evaluates expressions with this engine, so that a test can compare it with another one.
///
/// Each input line is `{"text": CEL, "args": any JSON}`, each output line `{"value": tagged}`, `{"error": kind}` or
/// `{"refused": message}`; values are tagged as in the conformance corpus.
@main enum Answers {
    static func main() throws {
        while let line = readLine() {
            let answer = try answer(to: line)
            print(String(decoding: JSONValue.object(answer).serialized(), as: UTF8.self))
        }
    }

    private static func answer(to line: String) throws -> JSONObject {
        guard let json = try? JSONValue(parsing: Array(line.utf8), limits: .agent),
            let text = json["text"]?.string, let arguments = json["args"]
        else { throw NoQuestion(line: line) }
        let program: CELProgram
        do throws(CELProblem) {
            let tree = try CELParser.parse(text)
            let resolution = CELNames.resolve(tree, in: environment)
            do throws(CELProblems) {
                _ = try CELChecker.check(tree, resolution, in: environment)
            } catch {
                return ["refused": .string(error.problems[0].message)]
            }
            program = try CELProgram(tree, resolution, in: environment)
        } catch {
            return ["refused": .string(error.message)]
        }
        var budget = CELBudget(steps: 1_000_000)
        do throws(CELFault) {
            let value = try program.evaluate(
                Arguments(value: CELValue(arguments)), budget: &budget)
            return ["value": value.tagged]
        } catch {
            return ["error": .string(error.kind.rawValue)]
        }
    }

    private static let environment = CELEnvironment(
        variables: [.init("args", .dyn)], library: .standard, patterns: RE2Compiler(),
        zones: SystemZones())
}

/// A line without text or arguments; it ends this program with an error, which the calling test sees.
private struct NoQuestion: Error {
    let line: String
}

private struct Arguments: CELVariables {
    let value: CELValue
    func value(of slot: Int) -> CELValue? { value }
}
