import InterlockJSON
import InterlockPatterns
import InterlockZones

@testable import InterlockPolicyCEL

/// Runs one case: `failure()` returns nil if it passes, otherwise the deviation.
extension CorpusCase {
    func failure() -> String? {
        let environment: CELEnvironment
        let variables: CorpusVariables
        do throws(CorpusDefect) {
            (environment, variables) = try namespace()
        } catch {
            return error.reason
        }
        do throws(CELProblem) {
            let tree = try CELParser.parse(text)
            let resolution = CELNames.resolve(tree, in: environment)
            if isChecked {
                do throws(CELProblems) {
                    let types = try CELChecker.check(tree, resolution, in: environment)
                    if failsInChecker { return "the checker took it" }
                    if let expectedType, types.result.text != expectedType {
                        return "type \(types.result.text), not \(expectedType)"
                    }
                } catch {
                    return failsInChecker ? nil : "the checker: \(error.problems[0].message)"
                }
            }
            if stopsAfterCheck { return nil }
            let program = try CELProgram(tree, resolution, in: environment)
            return failure(of: program, variables)
        } catch {
            return "\(error.kind) at \(error.offset): \(error.message)"
        }
    }

    private func failure(of program: CELProgram, _ variables: CorpusVariables) -> String? {
        var budget = CELBudget()
        do throws(CELFault) {
            let value = try program.evaluate(variables, budget: &budget)
            guard let wanted = correctedValue ?? expected["value"].flatMap(CELValue.init(tagged:))
            else { return "gave \(value), no error" }
            return value.isIdentical(to: wanted) ? nil : "gave \(value), not \(wanted)"
        } catch {
            guard let text = expected["error"]?.array?.first?.string else {
                return "error \(error.kind.rawValue) \(error.subject ?? "")"
            }
            guard let kinds = acceptedFaults(for: text) else { return "unknown error `\(text)`" }
            return kinds.contains(error.kind)
                ? nil : "error \(error.kind.rawValue), not `\(text)`"
        }
    }

    /// The expected bytes of these two cases contain `\?`, which is how protobuf text writes a question mark; the
    /// vectors read it as two characters. Neither the expression nor the purpose of the test has a backslash, and the
    /// string cases of the same names contain no backslash.
    var correctedValue: CELValue? {
        ["parse:106", "parse:107"].contains(id) ? .bytes(Array(" ? \" ' ` ".utf8)) : nil
    }

    // MARK: Names of the case

    private func namespace() throws(CorpusDefect) -> (CELEnvironment, CorpusVariables) {
        var variables: [CELEnvironment.Variable] = []
        var library = CELLibrary.standard
        for entry in environment {
            guard let name = entry["name"]?.string else { throw CorpusDefect("no name in `env`") }
            if let overloads = entry["overloads"]?.array {
                for function in try Self.functions(name, overloads) { library.add(function) }
            } else {
                guard let type = entry["type"]?.string.flatMap(CELType.init(corpus:)) else {
                    throw CorpusDefect("no type for `\(name)`")
                }
                variables.append(.init(name, type))
            }
        }
        for (name, _) in bindings.members where !variables.contains(where: { $0.name == name }) {
            variables.append(.init(name, .dyn))
        }
        var values: [CELValue?] = []
        for variable in variables {
            let tagged = bindings[variable.name]
            let value = tagged.flatMap(CELValue.init(tagged:))
            guard (tagged == nil) == (value == nil) else {
                throw CorpusDefect("no value for `\(variable.name)`")
            }
            values.append(value)
        }
        let environment = CELEnvironment(
            container: container, variables: variables, library: library,
            patterns: RE2Compiler(), zones: SystemZones())
        return (environment, CorpusVariables(values: values))
    }

    /// Functions that are declared for the checker only: calling one fails.
    private static func functions(
        _ name: String, _ overloads: [JSONValue]
    ) throws(CorpusDefect) -> [CELFunction] {
        var byStyle: [Bool: [CELOverload]] = [:]
        for overload in overloads {
            let names = overload["params"]?.array ?? []
            let parameters = names.compactMap { $0.string.flatMap(CELType.init(corpus:)) }
            guard parameters.count == names.count,
                let result = overload["result"]?.string.flatMap(CELType.init(corpus:))
            else { throw CorpusDefect("no types for `\(name)`") }
            let isMember = overload["instance"]?.bool == true
            byStyle[isMember, default: []].append(CELOverload(parameters, result))
        }
        return byStyle.map { isMember, overloads in
            CELFunction(name, isMember: isMember, overloads) { _, _ throws(CELFault) in
                throw CELFault(.undeclared, name)
            }
        }
    }
}

/// A case that the runner cannot read.
private struct CorpusDefect: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
}

struct CorpusVariables: CELVariables {
    let values: [CELValue?]
    func value(of slot: Int) -> CELValue? { values[slot] }
}
